package io.denywatch.blocklist;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.Decision.Outcome;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.PromotionPolicy.Facts;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
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

/** The working state of one call of {@link PromotionPolicy#decide}, and confined to it. */
final class Deliberation {
    /** The reason why a source with an established connection is exempt. */
    static final String ANSWERED = "answered, so not denied";

    private static final int SOURCE_BITS_MIN = 64;

    /** Weakest evidence first, then the fewest prior blocks, then the earliest deadline. */
    private static final Comparator<BlockEntry> LEAST_EVIDENCE = Comparator.comparingInt(Deliberation::packets)
            .thenComparingInt(BlockEntry::priorBlocks)
            .thenComparing(BlockEntry::until);

    private final PromotionPolicy policy;
    private final EnforcementState before;
    private final Facts facts;
    private final Instant now;
    private final NeverBlock allowed;
    private final Breaker breaker;
    private final Map<IpPrefix, BlockEntry> entries;
    private final Map<IpPrefix, PriorBlock> priorBlocks;
    private final List<Instant> latest;
    private final Map<IpPrefix, Detection> waiting;
    private final List<Decision> decisions = new ArrayList<>();
    private @Nullable BlockEntry least; // cached; null after an entry was added
    private boolean changed;

    Deliberation(PromotionPolicy policy, EnforcementState before, Facts facts, Instant now) {
        this.policy = policy;
        this.before = before;
        this.facts = facts;
        this.now = now;
        Stream<Range> byHand = facts.exemptions().stream()
                .filter(exemption -> exemption.holds(now))
                .map(exemption ->
                        new Range(exemption.addresses(), "not to be blocked by hand until " + exemption.until()));
        Stream<Range> established = facts.established().stream().map(answer -> new Range(answer.source(), ANSWERED));
        allowed = new NeverBlock(Stream.concat(byHand, established).toList());
        breaker = before.breaker().after(facts.signs(), policy.limits(), now);
        entries = new LinkedHashMap<>(before.blocklist().entries());
        priorBlocks = new LinkedHashMap<>(before.blocklist().priorBlocks());
        // After the clock was set back, times in the future count as now.
        latest = new ArrayList<>(before.latest().stream()
                .map(at -> at.isAfter(now) ? now : at)
                .filter(at -> at.isAfter(now.minus(EnforcementState.RATE_SPAN)))
                .toList());
        waiting = before.waiting().stream()
                .filter(detection -> Detections.isTimely(detection, now))
                .collect(Collectors.toMap(Detection::source, Function.identity(), (a, _) -> a, LinkedHashMap::new));
    }

    /** Removes entries that are over or exempt, and prior blocks that no longer count. */
    void end() {
        for (BlockEntry entry : before.blocklist().entries().values()) {
            Optional<Range> by = untouchable(entry.source());
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
                        isForgotten(prior) || untouchable(prior.source()).isPresent());
    }

    private void leave(BlockEntry entry, Decision how) {
        entries.remove(entry.source());
        decisions.add(how);
        changed = true;
    }

    private boolean isOver(BlockEntry entry) {
        return entry.isOver(now)
                || !now.isBefore(entry.at().plus(DetectionRule.BLOCK_MAX)) // even if its stored deadline was edited
                || entry.at().isAfter(now.plus(PromotionPolicy.AHEAD_MAX));
    }

    private void remember(BlockEntry entry) {
        Instant end = entry.until().isAfter(now) ? PromotionPolicy.wholeSeconds(now) : entry.until();
        priorBlocks.put(
                entry.source(),
                new PriorBlock(entry.source(), entry.priorBlocks() + 1, end.plus(policy.rememberFor())));
    }

    private boolean isForgotten(PriorBlock prior) {
        return !now.isBefore(prior.forgetAt())
                || prior.forgetAt().isAfter(now.plus(policy.rememberFor()).plus(PromotionPolicy.AHEAD_MAX));
    }

    private Optional<Range> untouchable(IpPrefix source) {
        return facts.never().touching(source).or(() -> allowed.touching(source));
    }

    /** Blocks the detected sources, the strongest evidence first, or records why not. */
    void block() {
        Map<IpPrefix, Detection> fresh = new LinkedHashMap<>();
        for (Detection detection : facts.detections()) {
            check(detection);
            fresh.merge(detection.source(), detection, Deliberation::stronger);
        }
        waiting.putAll(fresh);
        List<Detection> candidates = waiting.values().stream()
                .filter(detection -> !isListed(detection.source())) // excludes sources that are displaced in this call
                .sorted(Comparator.comparingInt(
                                (Detection detection) -> -detection.evidence().packets())
                        .thenComparing(detection -> !priorBlocks.containsKey(detection.source()))
                        .thenComparingLong(Detection::number))
                .toList();
        waiting.clear();
        for (Detection detection : candidates) {
            Optional<Decision.Refused> refusal = block(detection);
            refusal.filter(_ -> fresh.containsKey(detection.source())).ifPresent(decisions::add);
            if (refusal.isPresent() && refusal.get().by() == null && waiting.size() < EnforcementState.WAITING_MAX) {
                waiting.put(detection.source(), detection);
            }
        }
    }

    private static Detection stronger(Detection one, Detection later) {
        return later.evidence().packets() > one.evidence().packets() ? later : one;
    }

    private void check(Detection detection) {
        IpPrefix source = detection.source();
        if (source.length() < SOURCE_BITS_MIN || (source.network().isIpv4() && !source.isSingle())) {
            throw new IllegalArgumentException("source must not be wider than /32 or, in IPv6, /64: " + source);
        }
        if (!policy.rules().contains(detection.rule())) {
            throw new IllegalArgumentException("detection must be of a rule of the policy: " + detection.rule());
        }
    }

    /** Blocks a source unless it is listed already. Returns the refusal, if there is one. */
    private Optional<Decision.Refused> block(Detection detection) {
        Optional<Range> by = untouchable(detection.source());
        if (by.isPresent()) {
            return Optional.of(new Decision.Refused(detection, Outcome.NEVER_BLOCK, by.get()));
        }
        if (isListed(detection.source())) { // in this call, by a wider block
            return Optional.empty();
        }
        boolean repeated = priorBlocks.containsKey(detection.source());
        Optional<BlockEntry> weaker = isFull() ? weaker(detection, repeated) : Optional.empty();
        Optional<Outcome> refusal = refusal(Claim.of(detection, repeated), weaker.isPresent());
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
        return entries.size() >= policy.limits().entriesMax();
    }

    /** The entry to displace: the one of the least evidence, if it is much weaker. */
    private Optional<BlockEntry> weaker(Detection detection, boolean repeated) {
        long packets = detection.evidence().packets();
        return entries.size() > policy.limits().entriesMax() // a limit lowered: it shrinks by deadlines only
                ? Optional.empty()
                : Optional.ofNullable(least())
                        .filter(least -> packets >= (long) PromotionPolicy.DISPLACING_TIMES * packets(least)
                                || (repeated && least.priorBlocks() == 0 && packets >= packets(least)));
    }

    private @Nullable BlockEntry least() {
        if (least == null || !entries.containsKey(least.source())) {
            least = entries.values().stream().min(LEAST_EVIDENCE).orElse(null);
        }
        return least;
    }

    private static int packets(BlockEntry entry) {
        return entry.evidence().packets();
    }

    /** Whether an entry covers the source: its own, or a wider one from when a shorter prefix was configured. */
    private boolean isListed(IpPrefix source) {
        Ip network = source.network();
        boolean listed = false;
        for (int length = network.isIpv4() ? 128 : SOURCE_BITS_MIN; length <= source.length() && !listed; length++) {
            Ip wider = new Ip(network.high(), network.low() & IpPrefix.lowMask(length));
            listed = entries.containsKey(new IpPrefix(wider, length));
        }
        return listed;
    }

    private Optional<Outcome> refusal(Claim claim, boolean displaces) {
        if (breaker instanceof Breaker.Open && claim != Claim.OVERWHELMING) {
            return Optional.of(Outcome.BREAKER);
        }
        if (isFull() && !displaces) {
            return Optional.of(Outcome.LIMIT);
        }
        return latest.size() >= policy.limits().newEntriesPerMinuteMax(claim)
                ? Optional.of(Outcome.RATE)
                : Optional.empty();
    }

    private BlockEntry enter(Detection detection) {
        IpPrefix source = detection.source();
        PriorBlock prior = priorBlocks.remove(source); // the entry holds the number from now on
        int times = prior == null ? 0 : prior.times();
        Instant at = PromotionPolicy.wholeSeconds(now);
        Instant until = PromotionPolicy.deadline(detection.rule(), source, times, at);
        BlockEntry entry = new BlockEntry(source, at, until, detection.rule().name(), times, detection.evidence());
        if (!source.isSingle()) {
            entries.keySet().removeIf(source::overlaps); // narrower ones: stored blocks must not overlap
        }
        entries.put(source, entry);
        least = null;
        latest.add(now);
        changed = true;
        return entry;
    }

    Ruling ruling() {
        Blocklist blocklist = changed ? new Blocklist(entries, bounded()) : before.blocklist();
        return new Ruling(new EnforcementState(blocklist, latest, breaker, List.copyOf(waiting.values())), decisions);
    }

    /** At most {@link PromotionPolicy#PRIOR_BLOCKS_MAX} prior blocks, ordered by when they are forgotten. */
    private Map<IpPrefix, PriorBlock> bounded() {
        Map<IpPrefix, PriorBlock> bounded = new LinkedHashMap<>();
        priorBlocks.values().stream()
                .sorted(Comparator.comparing(PriorBlock::forgetAt))
                .skip(Math.max(0, priorBlocks.size() - PromotionPolicy.PRIOR_BLOCKS_MAX))
                .forEach(prior -> bounded.put(prior.source(), prior));
        return bounded;
    }
}
