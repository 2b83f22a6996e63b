package io.denywatch.blocklist;

import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Which sources are to be blocked, and until when. Pure: the same arguments give the same ruling.
 *
 * <p>Times in entries are whole seconds, so that every way of storing them gives back the same entry. A ban has an
 * absolute deadline and is never made longer.
 *
 * @param rules by which sources offend, each with another name
 * @param limits that hold whatever the rules say
 * @param rememberFor how long after the end of its ban a source's next one is longer
 */
public record PromotionPolicy(List<DetectionRule> rules, BlocklistLimits limits, Duration rememberFor) {
    /** Repeats remembered, at most; beyond it those go that would be forgotten first. */
    public static final int PRIOR_BLOCKS_MAX = 2_000;

    /**
     * How far an entry's time may be ahead of the clock. One made later than that is from a clock that was wrong, and
     * could last for years: it ends at once.
     */
    public static final Duration AHEAD_MAX = Duration.ofHours(1);

    /** A ban ends up to one in so many parts later, so that those made at once do not end at once. */
    static final int JITTER_PART = 10;

    /** So many times the packets of an entry displace it where the list is full. */
    static final int DISPLACING_TIMES = 2;

    private static final int DOUBLINGS_MAX = 16; // the shortest ban, doubled so often, is longer than the longest

    /** Copies the list and checks that rules can be told apart. */
    public PromotionPolicy {
        rules = List.copyOf(rules);
        if (rules.stream().map(DetectionRule::name).distinct().count() < rules.size()) {
            throw new IllegalArgumentException("rules must have different names: "
                    + rules.stream().map(DetectionRule::name).toList());
        }
        if (rememberFor.isNegative()) {
            throw new IllegalArgumentException("rememberFor must not be negative: " + rememberFor);
        }
    }

    /**
     * What is new since the last decision, and who may not be blocked.
     *
     * @param detections since then, by ascending number
     * @param mayBlock whether any source may be blocked now: if not, those that wait go on waiting
     * @param signs the breaker's input
     * @param never addresses never to be blocked
     * @param exemptions made by people; those that are over do not count
     * @param established that still vouch for their sources: as good as allowances
     */
    public record Facts(
            List<Detection> detections,
            boolean mayBlock,
            SpoofingSigns signs,
            NeverBlock never,
            List<ManualExemption> exemptions,
            List<EstablishedSource> established) {
        /** Copies the lists. */
        public Facts {
            detections = List.copyOf(detections);
            exemptions = List.copyOf(exemptions);
            established = List.copyOf(established);
        }
    }

    /**
     * What was decided.
     *
     * @param state to start from the next time; the same blocklist object where nothing of it has changed
     * @param decisions in order: endings first
     */
    public record Ruling(EnforcementState state, List<Decision> decisions) {
        /** Copies the list. */
        public Ruling {
            decisions = List.copyOf(decisions);
        }
    }

    /**
     * Decides on everything that is new: ends what is over, takes back what is not to be blocked (any more), and blocks
     * who offended and is not blocked yet. The first of these that holds refuses an offence: never to be blocked, breaker
     * open, blocklist full, too many in the last minute. Several offences of one source count once.
     *
     * <p>Where not all can be blocked, {@link Claim} decides, and the number of packets: the strongest come first, whether
     * they are new or have waited; a part of the new entries in a minute is kept for sources that were blocked before, and a
     * part for overwhelming evidence, which an open breaker lets pass; and a full list gives up its entry of the least
     * evidence for one of {@link #DISPLACING_TIMES} as much, or for a repeat if it is none itself. A source
     * that is refused for want of room waits and is decided again; each offence is told as refused once.
     *
     * <p>Entries have no address in common: a source inside a listed block is listed, and a block takes the place of what is
     * inside it, without a decision, for that stays blocked.
     *
     * <p>A source that may not be blocked has no past either: somebody vouched for it, so its repeats are forgotten.
     *
     * @throws IllegalArgumentException if an offence is of a source wider than an IPv4 address or an IPv6 /64, or of a rule
     *     that is not among {@link #rules}
     */
    public Ruling decide(EnforcementState before, Facts facts, Instant now) {
        Deliberation deliberation = new Deliberation(this, before, facts, now);
        deliberation.end();
        if (facts.mayBlock()) {
            deliberation.block();
        }
        return deliberation.ruling();
    }

    /**
     * When a ban that begins now ends: after the rule's, twice as long with each repeat, and a little more.
     *
     * @param at its beginning, in whole seconds
     */
    static Instant deadline(DetectionRule rule, IpPrefix source, int priorBlocks, Instant at) {
        long maxSeconds = rule.maxBlock().toSeconds();
        long seconds = Math.min(maxSeconds, rule.blockFor().toSeconds() << Math.min(priorBlocks, DOUBLINGS_MAX));
        long jitterSeconds = Math.floorMod(scatter(source, at), seconds / JITTER_PART + 1);
        return at.plusSeconds(Math.min(maxSeconds, seconds + jitterSeconds));
    }

    /** The moment in whole seconds, not later. */
    static Instant wholeSeconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS);
    }

    /** Some number that the source and the time decide: SplitMix64's finaliser (Steele, Lea, Flood 2014). */
    private static long scatter(IpPrefix source, Instant at) {
        long z = source.network().high() * 31 + source.network().low() * 17 + at.getEpochSecond();
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }
}
