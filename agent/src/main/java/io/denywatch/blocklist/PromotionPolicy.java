package io.denywatch.blocklist;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides whether a detection leads to a block, and until when. Immutable and pure: the same
 * arguments give the same result. Whether a packet may count towards a detection is decided before, by the packet
 * alone.
 *
 * <p>Times in entries are whole seconds, so that every store returns the same entry. A block has an absolute deadline
 * and is never extended.
 *
 * @param rules with distinct names
 * @param limits that hold for all rules together
 * @param rememberFor how long after the end of a block the next block of its source is longer
 */
public record PromotionPolicy(List<DetectionRule> rules, BlocklistLimits limits, Duration rememberFor) {
    /** The most prior blocks remembered; beyond that, those that would be forgotten first are dropped. */
    public static final int PRIOR_BLOCKS_MAX = 2_000;

    /**
     * How far an entry's time may be ahead of the clock. An entry further ahead comes from a wrong clock. It could
     * last for years, so it is ended at once.
     */
    public static final Duration AHEAD_MAX = Duration.ofHours(1);

    /**
     * How long after the end of a block its source may still be denied: until each node has learned of the end from the
     * API.
     */
    static final Duration SETTLING = Duration.ofSeconds(5);

    /** The multiple of an entry's packets that displaces it from a full list. */
    static final int DISPLACING_TIMES = 2;

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
     * @param gate whether logged packets are known to be denied; while it is withheld, waiting detections are dropped
     * @param trust in the log that detections and established connections come from
     * @param signs the breaker's input
     * @param never exempt addresses; until they are complete, detections go on waiting
     * @param manual blocks and exemptions by hand
     * @param established sources with established connections, exempt as far as the log is trusted
     */
    public record Facts(
            List<Detection> detections,
            EnforcementGate gate,
            LogTrust trust,
            SpoofingSigns signs,
            NeverBlock.Known never,
            ManualList manual,
            List<EstablishedSource> established) {
        /** Copies the lists. */
        public Facts {
            detections = List.copyOf(detections);
            established = List.copyOf(established);
        }

        /** Whether any source may be blocked now. */
        private boolean mayBlock() {
            return never.complete() && gate instanceof EnforcementGate.Granted;
        }

        /**
         * Whether an established connection prevents a new block but ends none. This holds for a log that can be
         * forged, unless the policies prove that logged packets are denied.
         */
        private boolean heedsEstablished() {
            return trust == LogTrust.FORGEABLE
                    && !(gate instanceof EnforcementGate.Granted granted && granted.proven());
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
     * yet. A detection is refused for the first of these reasons that applies: log not trusted, exempt, breaker open,
     * blocklist full, too many new blocks in the last minute. Several detections of one source count once.
     *
     * <p>A detection whose evidence begins during a block of its source, by a rule or by hand, or within {@link
     * #SETTLING} after it, is dropped: a Log rule that comes before the blocklist's policy also logs what only the
     * block denied.
     *
     * <p>If not all can be blocked, {@link Claim} and the number of packets decide, and the strongest come first,
     * whether they are new or have waited. Part of the new entries per minute is reserved for sources that were blocked
     * before, and part for overwhelming evidence, which passes an open breaker. If the list is full, evidence {@link
     * #DISPLACING_TIMES} times as strong displaces the weakest entry. Equally strong evidence is enough if the source
     * was blocked before and the source of that entry was not. A source that finds no room waits and is reconsidered;
     * each detection is reported as refused once.
     *
     * <p>Entries are disjoint: a source inside a listed prefix counts as listed, and a new prefix replaces the entries
     * inside it without a decision, because they stay blocked.
     *
     * <p>The prior blocks of an exempt source are forgotten.
     *
     * <p>Subnets have limits of their own ({@link BlockedSubnets}).
     *
     * @throws IllegalArgumentException if a detected source is wider than its rule allows, which without a rule of
     *     subnets is an IPv4 address or an IPv6 /64, or the rule of a detection is not among {@link #rules}
     */
    public Ruling decide(EnforcementState before, Facts facts, Instant now) {
        Deliberation deliberation = new Deliberation(this, before, facts, now);
        deliberation.end();
        if (facts.mayBlock()) {
            deliberation.block();
        }
        return deliberation.ruling();
    }

    /** The moment, rounded down to whole seconds. */
    static Instant wholeSeconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS);
    }

    /** The working state of one call of {@link #decide}, and confined to it. */
    private static final class Deliberation {
        private static final String ESTABLISHED = "established, so not denied";

        /** Weakest evidence first, then the fewest prior blocks, then the earliest deadline. */
        private static final Comparator<BlockEntry> LEAST_EVIDENCE = Comparator.comparingInt(Deliberation::packets)
                .thenComparingInt(BlockEntry::priorBlocks)
                .thenComparing(BlockEntry::until);

        private final PromotionPolicy policy;
        private final EnforcementState before;
        private final Facts facts;
        private final Instant now;
        private final NeverBlock allowed;
        private final NeverBlock heeded;
        private final Breaker breaker;
        private final Map<IpPrefix, BlockEntry> entries;
        private final Map<IpPrefix, PriorBlock> priorBlocks;
        private final List<Instant> latest;
        private final Map<IpPrefix, Detection> waiting;
        private final BlockedSubnets subnets;
        private final List<Decision> decisions = new ArrayList<>();
        private @Nullable BlockEntry least; // cached; null after an entry was added
        private boolean changed;

        Deliberation(PromotionPolicy policy, EnforcementState before, Facts facts, Instant now) {
            this.policy = policy;
            this.before = before;
            this.facts = facts;
            this.now = now;
            Stream<Range> byHand = facts.manual().exemptions().stream()
                    .filter(exemption -> exemption.holds(now))
                    .map(exemption -> new Range(exemption.addresses(), "exempted by hand until " + exemption.until()));
            List<Range> established = facts.established().stream()
                    .map(answer -> new Range(answer.source(), ESTABLISHED))
                    .toList();
            allowed = new NeverBlock(
                    Stream.concat(byHand, facts.trust().believesEstablished() ? established.stream() : Stream.empty())
                            .toList());
            heeded = new NeverBlock(facts.heedsEstablished() ? established : List.of());
            breaker = before.breaker().after(facts.signs(), policy.limits(), now);
            entries = new LinkedHashMap<>(before.blocklist().entries());
            subnets = new BlockedSubnets(policy, facts, entries, now);
            priorBlocks = new LinkedHashMap<>(before.blocklist().priorBlocks());
            // After the clock was set back, times in the future count as now.
            latest = new ArrayList<>(before.latest().stream()
                    .map(at -> at.isAfter(now) ? now : at)
                    .filter(at -> at.isAfter(now.minus(EnforcementState.RATE_SPAN)))
                    .toList());
            waiting = before.waiting().stream()
                    .filter(_ -> !(facts.gate() instanceof EnforcementGate.Withheld))
                    .filter(detection -> Detections.isTimely(detection, now))
                    .filter(detection -> refusedByLog(detection).isEmpty())
                    .collect(Collectors.toMap(Detection::source, Function.identity(), (a, _) -> a, LinkedHashMap::new));
        }

        /** Removes entries that are over or exempt, and prior blocks that no longer count. */
        void end() {
            for (BlockEntry entry : before.blocklist().entries().values()) {
                Optional<Range> by = exemption(entry.source());
                if (isOver(entry)) {
                    leave(entry, new Decision.Expired(entry));
                    remember(entry);
                } else if (by.isPresent()) {
                    leave(entry, new Decision.Revoked(entry, by.get()));
                }
            }
            changed |= priorBlocks
                    .values()
                    .removeIf(prior ->
                            isForgotten(prior) || exemption(prior.source()).isPresent());
        }

        private void leave(BlockEntry entry, Decision how) {
            entries.remove(entry.source());
            decisions.add(how);
            changed = true;
        }

        private boolean isOver(BlockEntry entry) {
            return entry.isOver(now)
                    || !now.isBefore(entry.at().plus(DetectionRule.BLOCK_MAX)) // even if its stored deadline was edited
                    || entry.at().isAfter(now.plus(AHEAD_MAX));
        }

        private void remember(BlockEntry entry) {
            Instant end = entry.until().isAfter(now) ? wholeSeconds(now) : entry.until();
            priorBlocks.put(
                    entry.source(),
                    new PriorBlock(entry.source(), entry.priorBlocks() + 1, end.plus(policy.rememberFor())));
        }

        private boolean isForgotten(PriorBlock prior) {
            return !now.isBefore(prior.forgetAt())
                    || prior.forgetAt().isAfter(now.plus(policy.rememberFor()).plus(AHEAD_MAX));
        }

        private Optional<Range> exemption(IpPrefix source) {
            return facts.never().ranges().touching(source).or(() -> allowed.touching(source));
        }

        /** Blocks the detected sources, the strongest evidence first, or records why not. */
        void block() {
            Map<IpPrefix, Detection> fresh = new LinkedHashMap<>();
            for (Detection detection : facts.detections()) {
                check(detection);
                refusedByLog(detection)
                        .ifPresentOrElse(
                                decisions::add,
                                () -> fresh.merge(detection.source(), detection, Deliberation::stronger));
            }
            waiting.putAll(fresh);
            List<Detection> candidates = waiting.values().stream()
                    .filter(detection ->
                            !isListed(detection.source())) // excludes sources that are displaced in this call
                    .filter(detection -> !isExplained(detection))
                    .sorted(Comparator.comparingInt((Detection detection) ->
                                    -detection.evidence().packets())
                            .thenComparing(detection -> !priorBlocks.containsKey(detection.source()))
                            .thenComparingLong(Detection::number))
                    .toList();
            waiting.clear();
            for (Detection detection : candidates) {
                Optional<Decision.Refused> refusal = block(detection);
                refusal.filter(_ -> fresh.containsKey(detection.source())).ifPresent(decisions::add);
                if (refusal.isPresent()
                        && refusal.get().by() == null
                        && waiting.size() < EnforcementState.WAITING_MAX) {
                    waiting.put(detection.source(), detection);
                }
            }
        }

        /** The refusal of a detection that the log does not support, if there is one. */
        private Optional<Decision.Refused> refusedByLog(Detection detection) {
            return facts.trust() == LogTrust.REFUSED
                    ? Optional.of(new Decision.Refused(detection, DetectionOutcome.UNTRUSTED_LOG, null))
                    : heeded.touching(detection.source())
                            .map(by -> new Decision.Refused(detection, DetectionOutcome.NEVER_BLOCK, by));
        }

        private boolean isExplained(Detection detection) {
            return facts.manual().explains(detection)
                    || subnets.around(detection.source()).stream().anyMatch(wider -> {
                        PriorBlock prior = priorBlocks.get(wider);
                        return prior != null && prior.explains(detection, policy.rememberFor, now);
                    });
        }

        private static Detection stronger(Detection one, Detection later) {
            return later.evidence().packets() > one.evidence().packets() ? later : one;
        }

        private void check(Detection detection) {
            IpPrefix source = detection.source();
            if (!detection.rule().subnets().permits(source)) {
                throw new IllegalArgumentException("source must not be wider than its rule allows: " + source);
            }
            if (!policy.rules().contains(detection.rule())) {
                throw new IllegalArgumentException("detection must be of a rule of the policy: " + detection.rule());
            }
        }

        /** Blocks a source unless it is listed already. Returns the refusal, if there is one. */
        private Optional<Decision.Refused> block(Detection detection) {
            Optional<Range> by = exemption(detection.source());
            if (by.isPresent()) {
                return Optional.of(new Decision.Refused(detection, DetectionOutcome.NEVER_BLOCK, by.get()));
            }
            if (isListed(detection.source())) { // a wider block of this call covers it
                return Optional.empty();
            }
            if (SubnetLengths.isSubnet(detection.source())) {
                Optional<Decision.Refused> refused = subnets.refusal(detection, breaker);
                if (refused.isEmpty()) {
                    decisions.add(new Decision.Blocked(enter(detection), detection));
                }
                return refused;
            }
            boolean repeated = priorBlocks.containsKey(detection.source());
            Optional<BlockEntry> weaker = isFull() ? weaker(detection, repeated) : Optional.empty();
            Optional<DetectionOutcome> refusal = refusal(Claim.of(detection, repeated), weaker.isPresent());
            if (refusal.isPresent()) {
                return Optional.of(new Decision.Refused(detection, refusal.get(), null));
            }
            weaker.ifPresent(entry -> {
                leave(entry, new Decision.Displaced(entry, detection));
                remember(entry);
            });
            decisions.add(new Decision.Blocked(enter(detection), detection));
            return Optional.empty();
        }

        private boolean isFull() {
            return entries.size() - subnets.count() >= policy.limits().entriesMax();
        }

        /** The entry to displace: the one with the least evidence, if that is much weaker. */
        private Optional<BlockEntry> weaker(Detection detection, boolean repeated) {
            long packets = detection.evidence().packets();
            return entries.size() - subnets.count()
                            > policy.limits().entriesMax() // the limit was lowered: wait for deadlines
                    ? Optional.empty()
                    : Optional.ofNullable(least())
                            .filter(least -> packets >= (long) DISPLACING_TIMES * packets(least)
                                    || (repeated && least.priorBlocks() == 0 && packets >= packets(least)));
        }

        private @Nullable BlockEntry least() {
            if (least == null || !entries.containsKey(least.source())) {
                least = entries.values().stream()
                        .filter(entry -> !SubnetLengths.isSubnet(entry.source()))
                        .min(LEAST_EVIDENCE)
                        .orElse(null);
            }
            return least;
        }

        private static int packets(BlockEntry entry) {
            return entry.evidence().packets();
        }

        /** Whether an entry covers the source: its own, or a wider one. */
        private boolean isListed(IpPrefix source) {
            return subnets.around(source).stream().anyMatch(entries::containsKey);
        }

        private Optional<DetectionOutcome> refusal(Claim claim, boolean displaces) {
            if (breaker instanceof Breaker.Open && claim != Claim.OVERWHELMING) {
                return Optional.of(DetectionOutcome.BREAKER);
            }
            if (isFull() && !displaces) {
                return Optional.of(DetectionOutcome.LIMIT);
            }
            return latest.size() >= policy.limits().newEntriesPerMinuteMax(claim)
                    ? Optional.of(DetectionOutcome.RATE)
                    : Optional.empty();
        }

        private BlockEntry enter(Detection detection) {
            IpPrefix source = detection.source();
            PriorBlock prior = priorBlocks.remove(source); // the entry holds the number from now on
            int times = prior == null ? 0 : prior.times();
            Instant at = wholeSeconds(now);
            Instant until = BlockEntry.deadline(detection.rule(), source, times, at);
            BlockEntry entry =
                    new BlockEntry(source, at, until, detection.rule().name(), times, detection.evidence());
            if (!source.isSingle()) {
                entries.keySet().removeIf(source::overlaps); // narrower ones: stored blocks must not overlap
            }
            entries.put(source, entry);
            least = null;
            if (!SubnetLengths.isSubnet(source)) {
                latest.add(now);
            }
            changed = true;
            return entry;
        }

        Ruling ruling() {
            Blocklist blocklist = changed ? new Blocklist(entries, bounded()) : before.blocklist();
            return new Ruling(
                    new EnforcementState(blocklist, latest, breaker, List.copyOf(waiting.values())), decisions);
        }

        /** At most {@link #PRIOR_BLOCKS_MAX} prior blocks, ordered by when they are forgotten. */
        private Map<IpPrefix, PriorBlock> bounded() {
            Map<IpPrefix, PriorBlock> bounded = new LinkedHashMap<>();
            priorBlocks.values().stream()
                    .sorted(Comparator.comparing(PriorBlock::forgetAt))
                    .skip(Math.max(0, priorBlocks.size() - PRIOR_BLOCKS_MAX))
                    .forEach(prior -> bounded.put(prior.source(), prior));
            return bounded;
        }
    }
}
