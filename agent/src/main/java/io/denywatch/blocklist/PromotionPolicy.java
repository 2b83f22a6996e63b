package io.denywatch.blocklist;

import io.denywatch.blocklist.ManualList.ManualExemption;
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
 * Decides which sources are blocked, and until when. Immutable and pure: the same arguments give the same result.
 *
 * <p>Times in entries are whole seconds, so that every store returns the same entry. A block has an absolute deadline
 * and is never extended.
 *
 * @param rules with distinct names
 * @param limits that hold for all rules together
 * @param rememberFor how long after the end of a block the next block of its source is longer
 */
public record PromotionPolicy(List<DetectionRule> rules, BlocklistLimits limits, Duration rememberFor) {
    /** Prior blocks remembered, at most; beyond that those are dropped that would be forgotten first. */
    public static final int PRIOR_BLOCKS_MAX = 2_000;

    /**
     * How far an entry's time may be ahead of the clock. An entry further ahead comes from a wrong clock, could last
     * for years, and ends at once.
     */
    public static final Duration AHEAD_MAX = Duration.ofHours(1);

    /**
     * A block ends up to one part in this many of its duration later, so that blocks made together do not end together.
     */
    static final int JITTER_PART = 10;

    /** The multiple of an entry's packets that displaces it from a full list. */
    static final int DISPLACING_TIMES = 2;

    private static final int DOUBLINGS_MAX = 16; // the shortest block, doubled so often, is longer than the longest

    /** Copies the list and checks that names are distinct. */
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
     * The input of a decision.
     *
     * @param detections since the last decision, by ascending number
     * @param mayBlock whether any source may be blocked now; if not, detections go on waiting
     * @param signs the breaker's input
     * @param never exempt addresses
     * @param exemptions exempt by hand; expired ones do not count
     * @param established sources with established connections, also exempt
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
     * The result of a decision.
     *
     * @param state input of the next decision; with the same blocklist object if it has not changed
     * @param decisions in order: endings first
     */
    public record Ruling(EnforcementState state, List<Decision> decisions) {
        /** Copies the list. */
        public Ruling {
            decisions = List.copyOf(decisions);
        }
    }

    /**
     * Ends blocks that are over, revokes blocks of exempt sources, and blocks detected sources that are not blocked
     * yet. A detection is refused for the first of these reasons that applies: exempt, breaker open, blocklist full,
     * too many new blocks in the last minute. Several detections of one source count once.
     *
     * <p>If not all can be blocked, {@link Claim} and the number of packets decide, and the strongest come first,
     * whether they are new or have waited. Part of the new entries per minute is reserved for sources that were blocked
     * before, and part for overwhelming evidence, which passes an open breaker. A full list displaces its weakest entry
     * for evidence {@link #DISPLACING_TIMES} as strong, or for a source that was blocked before if the entry's source
     * was not. A source that finds no room waits and is decided again; each detection is reported as refused once.
     *
     * <p>Entries are disjoint: a source inside a listed prefix counts as listed, and a new prefix replaces the entries
     * inside it without a decision, because they stay blocked.
     *
     * <p>The prior blocks of an exempt source are forgotten.
     *
     * @throws IllegalArgumentException if a detected source is wider than an IPv4 address or an IPv6 /64, or the rule
     *     of a detection is not among {@link #rules}
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
     * The deadline of a block: the rule's duration, doubled for each prior block, plus jitter.
     *
     * @param at start of the block, in whole seconds
     */
    static Instant deadline(DetectionRule rule, IpPrefix source, int priorBlocks, Instant at) {
        long maxSeconds = rule.maxBlock().toSeconds();
        long seconds = Math.min(maxSeconds, rule.blockFor().toSeconds() << Math.min(priorBlocks, DOUBLINGS_MAX));
        long jitterSeconds = Math.floorMod(scatter(source, at), seconds / JITTER_PART + 1);
        return at.plusSeconds(Math.min(maxSeconds, seconds + jitterSeconds));
    }

    /** The moment, rounded down to whole seconds. */
    static Instant wholeSeconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS);
    }

    /** A pseudo-random number derived from source and time: SplitMix64's finaliser (Steele, Lea, Flood 2014). */
    private static long scatter(IpPrefix source, Instant at) {
        long z = source.network().high() * 31 + source.network().low() * 17 + at.getEpochSecond();
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }
}
