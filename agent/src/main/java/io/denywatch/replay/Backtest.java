package io.denywatch.replay;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.Decision.Blocked;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.Decision.Displaced;
import io.denywatch.blocklist.Decision.Expired;
import io.denywatch.blocklist.Decision.Refused;
import io.denywatch.blocklist.Decision.Revoked;
import io.denywatch.blocklist.Enforcer;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.count.Count;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.detection.AggregationPrefix;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.PacketObserver;
import io.denywatch.detection.SourceWindows;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Determines which sources of a recorded log the rules would have blocked. Each detection is decided at once, unless
 * others wait, and blocks begin and end by event time. Packets of a blocked source are left out, because they would not
 * have been logged. Confined to the replaying thread.
 *
 * <p>A real agent decides a few tenths of a second later and counts the packets that arrive in between; a backtest does
 * not. The first {@link #PROMOTIONS_MAX} promotions are kept; later ones take effect and are counted, but not kept.
 */
public final class Backtest implements PacketObserver {
    /** Maximum number of promotions that are kept; each takes about 1 KiB. */
    public static final int PROMOTIONS_MAX = 10_000;

    private static final int NOT_KEPT = -1;
    private static final int IPV4_OFFSET = 96;
    private static final int LENGTH_SHIFT = 48;
    private static final long AGAIN_MICROS = 1_000 * Enforcer.DECIDE_MILLIS;

    /** Maximum number of detections of one round; as many as an agent keeps until it decides. */
    private static final int UNDECIDED_MAX = Detections.RECENT_MAX;

    /** Decides on detections, as a pure function. */
    @FunctionalInterface
    public interface Decider {
        /**
         * Decides on new detections and on the waiting ones, and removes expired blocks.
         *
         * @param detection the new detections; empty to decide on the waiting ones only
         * @param established connections to blocked sources, since the last decision
         * @param now event time
         */
        Decided decide(
                Blocklist current,
                List<Detection> detection,
                SpoofingSigns signs,
                List<EstablishedSource> established,
                Instant now);
    }

    /**
     * The next state of a blocklist, and the decisions that led to it.
     *
     * @param next the new state
     * @param decisions the decisions that led to it, including refusals
     * @param waiting whether detections wait, so that they must be decided again every second
     */
    public record Decided(Blocklist next, List<Decision> decisions, boolean waiting) {
        /** Copies the list. */
        public Decided {
            decisions = List.copyOf(decisions);
        }
    }

    /**
     * A source that would have been blocked.
     *
     * @param source as in {@link Detection}
     * @param rule the rule's name
     * @param at when the block would have begun
     * @param until when it would have ended
     * @param priorBlocks how often it had been blocked before
     * @param evidence the evidence
     * @param packetsKeptOut packets in the log that the source sent during the block
     */
    public record Promotion(
            IpPrefix source,
            String rule,
            Instant at,
            Instant until,
            int priorBlocks,
            Evidence evidence,
            long packetsKeptOut) {}

    /**
     * The result.
     *
     * @param promotions in the order in which they were decided, at most {@link #PROMOTIONS_MAX}
     * @param promotionsLeftOut the number of later promotions
     * @param refusals detections that led to no promotion, by outcome
     * @param packets all packets
     * @param packetsKeptOut packets that the blocks would have kept out
     * @param entriesPeak the largest number of entries at a time
     * @param subnets the promoted subnets, with what is known of their other sources
     */
    public record Result(
            List<Promotion> promotions,
            long promotionsLeftOut,
            Map<DetectionOutcome, Long> refusals,
            long packets,
            long packetsKeptOut,
            int entriesPeak,
            List<Collateral.Subnet> subnets) {
        /** Copies the collections. */
        public Result {
            promotions = List.copyOf(promotions);
            subnets = List.copyOf(subnets);
            refusals = Collections.unmodifiableMap(new EnumMap<>(refusals));
        }
    }

    private final Decider decider;
    private final AggregationPrefix mask;
    private final SourceWindows windows;
    private final BlockedSources blocked;
    private final List<SubnetLengths> subnetLengths;
    private final BlockedSources blockedSubnets;
    private final Collateral collateral;

    private Blocklist blocklist = Blocklist.EMPTY;
    private boolean waiting;
    private long decidedMicros;
    private final List<Detection> undecided = new ArrayList<>(); // detections of the present round, while others wait
    private final List<EstablishedSource> established = new ArrayList<>(); // few, because each ended a block
    private int entriesPeak;
    private final List<BlockEntry> promoted = new ArrayList<>();
    private final long[] keptOut = new long[PROMOTIONS_MAX]; // by index in promoted
    private long promotionsLeftOut;
    private final Map<DetectionOutcome, Long> refusals = new EnumMap<>(DetectionOutcome.class);
    private long packets;
    private long packetsKeptOut;

    /**
     * Starts with an empty blocklist.
     *
     * @param rules as for {@link SourceWindows}
     * @param ipv6PrefixLength as for {@link SourceWindows}
     * @param seed as for {@link SourceWindows}
     */
    public Backtest(List<DetectionRule> rules, int ipv6PrefixLength, long seed, Decider decider) {
        this.decider = decider;
        mask = AggregationPrefix.atLeast(ipv6PrefixLength);
        windows = new SourceWindows(rules, ipv6PrefixLength, seed, this::decide);
        SeededHash hash = new SeededHash(seed);
        blocked = new BlockedSources(hash);
        blockedSubnets = new BlockedSources(hash);
        collateral = new Collateral(rules, mask, hash);
        subnetLengths = rules.stream()
                .filter(DetectionRule::isOfSubnets)
                .map(DetectionRule::subnets)
                .distinct()
                .toList();
    }

    @Override
    public void packet(ObservedPacket packet) {
        long micros = packet.micros();
        packets = Count.sum(packets, 1);
        if (waiting && micros >= decidedMicros + AGAIN_MICROS) {
            catchUp();
            decide(List.of(), micros);
        }
        long high = packet.sourceHigh();
        long low = mask.low(high, packet.sourceLow());
        collateral.denied(high, low);
        BlockedSources list = blocked;
        int block = blocked.find(high, low, micros);
        for (int i = 0; i < subnetLengths.size() && block == KeyIndex.NONE; i++) {
            list = blockedSubnets;
            int length = length(subnetLengths.get(i), high, low);
            block = list.find(high & IpPrefix.highMask(length), tagged(low, length), micros);
        }
        if (block == KeyIndex.NONE) {
            windows.packet(packet);
            return;
        }
        packetsKeptOut = Count.sum(packetsKeptOut, 1);
        int mark = list.mark(block);
        if (mark != NOT_KEPT) {
            keptOut[mark] = Count.sum(keptOut[mark], 1);
        }
    }

    private static int length(SubnetLengths lengths, long high, long low) {
        return Ip.isIpv4(high, low) ? IPV4_OFFSET + lengths.ipv4() : lengths.ipv6();
    }

    /** The low half of a subnet's network, with its length in bits that are free in IPv4 and IPv6. */
    private static long tagged(long low, int length) {
        return (low & IpPrefix.lowMask(length)) | ((long) length << LENGTH_SHIFT);
    }

    @Override
    public void established(long clientHigh, long clientLow, long micros) {
        windows.established(clientHigh, clientLow, micros);
        long low = mask.low(clientHigh, clientLow);
        collateral.established(clientHigh, low);
        if (blocked.find(clientHigh, low, micros) != KeyIndex.NONE) {
            blocked.lift(clientHigh, low);
            established.add(new EstablishedSource(mask.prefix(clientHigh, low), time(micros)));
        } else if (!subnetLengths.isEmpty()) {
            liftSubnets(clientHigh, low, micros);
        }
    }

    private void liftSubnets(long high, long low, long micros) {
        for (SubnetLengths lengths : subnetLengths) {
            int length = length(lengths, high, low);
            if (blockedSubnets.find(high & IpPrefix.highMask(length), tagged(low, length), micros) != KeyIndex.NONE) {
                blockedSubnets.lift(high & IpPrefix.highMask(length), tagged(low, length));
                established.add(new EstablishedSource(mask.prefix(high, low), time(micros)));
            }
        }
    }

    private static Instant time(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** While detections wait, a further one is decided together with them in the next round, as in an agent. */
    private void decide(Detection detection) {
        undecided.add(detection);
        if (!waiting || undecided.size() == UNDECIDED_MAX) {
            catchUp();
        }
    }

    private void catchUp() {
        if (!undecided.isEmpty()) {
            List<Detection> detections = List.copyOf(undecided);
            undecided.clear();
            decide(detections, detections.getLast().reachedMicros());
        }
    }

    private void decide(List<Detection> detections, long micros) {
        Decided decided =
                decider.decide(blocklist, detections, windows.signs(), List.copyOf(established), time(micros));
        established.clear();
        decidedMicros = micros;
        waiting = decided.waiting();
        blocklist = decided.next();
        entriesPeak = Math.max(entriesPeak, blocklist.entries().size());
        for (Decision decision : decided.decisions()) {
            switch (decision) {
                case Blocked(BlockEntry entry, Detection _) -> promote(entry);
                case Refused(Detection _, DetectionOutcome outcome, Range _) -> refusals.merge(outcome, 1L, Count::sum);
                case Revoked(BlockEntry entry, Range _) -> lift(entry);
                case Displaced(BlockEntry entry, Detection _) -> lift(entry);
                case Expired _ -> {} // each packet is compared with the deadline
            }
        }
    }

    private void lift(BlockEntry entry) {
        Ip source = entry.source().network();
        if (SubnetLengths.isSubnet(entry.source())) {
            blockedSubnets.lift(
                    source.high(), tagged(source.low(), entry.source().length()));
        } else {
            blocked.lift(source.high(), source.low());
        }
    }

    private void promote(BlockEntry entry) {
        int place = promoted.size();
        if (place < PROMOTIONS_MAX) {
            promoted.add(entry);
        } else {
            place = NOT_KEPT;
            promotionsLeftOut = Count.sum(promotionsLeftOut, 1);
        }
        Ip source = entry.source().network();
        long untilMicros = ChronoUnit.MICROS.between(Instant.EPOCH, entry.until());
        if (SubnetLengths.isSubnet(entry.source())) {
            blockedSubnets.block(
                    source.high(), tagged(source.low(), entry.source().length()), untilMicros, place);
        } else {
            blocked.block(source.high(), source.low(), untilMicros, place);
        }
    }

    /** The result so far. */
    public Result result() {
        catchUp();
        List<Promotion> promotions = new ArrayList<>(promoted.size());
        for (int place = 0; place < promoted.size(); place++) {
            BlockEntry entry = promoted.get(place);
            promotions.add(new Promotion(
                    entry.source(),
                    entry.rule(),
                    entry.at(),
                    entry.until(),
                    entry.priorBlocks(),
                    entry.evidence(),
                    keptOut[place]));
        }
        return new Result(
                promotions,
                promotionsLeftOut,
                refusals,
                packets,
                packetsKeptOut,
                entriesPeak,
                collateral.of(promoted.stream().map(BlockEntry::source).toList()));
    }
}
