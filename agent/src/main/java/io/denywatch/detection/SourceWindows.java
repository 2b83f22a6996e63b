package io.denywatch.detection;

import io.denywatch.count.Count;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.Transport;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Detects sources that reach a rule's threshold, with exact sliding windows on event time for each source and rule, in
 * bounded memory. Confined to the ingest thread, except {@link #detections}.
 *
 * <p>Event time counts in whole seconds. The window of a source and rule holds the seconds (T-D, T], where D is the
 * rule's span and T the newest second in which the source sent a packet that the rule counts; the rule fires at the
 * packet that reaches the threshold, and the window is emptied. If the times in the log are correct, this has the
 * following consequences:
 *
 * <ul>
 *   <li>A source that never reached the threshold N within D is never detected. Lack of memory only removes packets.
 *   <li>While packets come in the order of their seconds and memory suffices, every source that had N within D-1
 *       seconds is detected; between that and D, it depends on where the seconds begin. Where D is more than an hour,
 *       packets share grains of a 3,600th of D ({@link WindowPool}), and it depends on where those begin. A packet out
 *       of order is put in its place and may complete the window. It cannot complete a window that has already passed,
 *       because the oldest packets of that window have been dropped.
 * </ul>
 *
 * <p>When memory is full, a source that has been idle for the longest span is evicted, or else one with the least
 * evidence ({@link SourceActivity}). {@link Detections#evicted} counts evictions. A source that keeps sending therefore
 * stays, unless {@code sourcesMax × 3/4} new sources arrive between two of its packets, or sources of more packets fill
 * {@code sourcesMax / 4} places or {@code nodesMax / 2} nodes. There is a node for each key, and for each second or
 * grain with a packet.
 *
 * <p>A rule with {@link RuleScope.ClusterScope} never fires here. Its windows are only reported, in {@link #summary}.
 *
 * <p>After an established response to a source, its windows are emptied and its packets are ignored for
 * {@link EstablishedSources#VALID_FOR}.
 *
 * <p>Memory is {@code sourcesMax × (144 B + 12 B × rules) + 32 B × nodesMax}: 3.6 MB with three rules, 4.1 MB with
 * {@link #RULES_MAX}. In addition, there are the {@link EstablishedTable}, 182 KiB of {@link RecentSources} and
 * {@link ConnectionAttempts}, and at most {@link Detections#RECENT_MAX} detections of less than 2 KiB each, lines
 * included. Rules of subnets take up to 1.7 MB ({@link SubnetWindows}). Detections allocate memory; packets do not.
 */
public final class SourceWindows implements PacketObserver {
    /** The most rules. */
    public static final int RULES_MAX = 8;

    /** The most sources held. */
    static final int SOURCES_MAX = 8_192;

    /** The most nodes in the windows of all sources together. */
    static final int NODES_MAX = 65_536;

    /**
     * A packet that is older than its source's newest by more than this, in seconds, means that the clock was set back.
     */
    static final int SET_BACK_SECONDS = 3_600;

    /** A source without its windows. */
    static final int BYTES_PER_SOURCE = SourceActivity.BYTES_PER_SOURCE + LatestSeen.BYTES_PER_SOURCE;

    private static final long MICROS_PER_SECOND = 1_000_000;
    private static final long SECONDS_MAX = 0xffff_ffffL;

    private final DetectionRule[] rules;
    private final int[] protocols; // by rule, a bit for each
    private final int[] fireAt; // by rule
    private final int longestSpanSeconds;
    private final AggregationPrefix mask;
    private final DetectionListener listener; // not owned

    private final SourceActivity sources;
    private final WindowPool windows; // by source and rule: those of a source are neighbours
    private final LatestSeen latest;
    private final ConnectionAttempts attempts = new ConnectionAttempts();
    private final EstablishedTable established;
    private final NodeSummaries summaries;
    private final IntPredicate hasWindows = this::isOtherWithWindows;
    private int current; // the source whose packet is being looked at

    private final SpoofingWatch spoofing;
    private final SubnetWindows subnets;
    private final RecentDetections recent = new RecentDetections();
    private long evictedSources;
    private long evictedWindows;

    /**
     * Creates empty windows.
     *
     * @param rules at most {@link #RULES_MAX}; without any, only established responses are recorded
     * @param ipv6PrefixLength of one source, 1 to 128 bits; lengths below 64 are raised to 64
     * @param seed of the hash, random for each process, because attackers choose their source addresses
     * @param listener not owned
     */
    public SourceWindows(List<DetectionRule> rules, int ipv6PrefixLength, long seed, DetectionListener listener) {
        this(rules, AggregationPrefix.atLeast(ipv6PrefixLength), seed, listener, SOURCES_MAX, NODES_MAX);
    }

    /**
     * @param sourcesMax a power of two
     * @param nodesMax at least what a single source can take
     */
    SourceWindows(
            List<DetectionRule> rules,
            AggregationPrefix mask,
            long seed,
            DetectionListener listener,
            int sourcesMax,
            int nodesMax) {
        if (rules.size() > RULES_MAX) {
            throw new IllegalArgumentException("rules must be at most " + RULES_MAX + ": " + rules.size());
        }
        int nodesPerSourceMax =
                rules.stream().mapToInt(WindowPool::nodesPerSourceMax).sum();
        if (nodesMax < nodesPerSourceMax) {
            throw new IllegalArgumentException("nodesMax must be at least " + nodesPerSourceMax + ": " + nodesMax);
        }
        this.rules = rules.toArray(DetectionRule[]::new);
        this.mask = mask;
        this.listener = listener;
        protocols = rules.stream()
                .mapToInt(rule -> rule.isOfSubnets()
                        ? 0
                        : rule.protocols().stream().mapToInt(SourceWindows::bit).sum())
                .toArray();
        fireAt = rules.stream()
                .mapToInt(rule -> rule.isOfCluster() ? Integer.MAX_VALUE : rule.threshold())
                .toArray();
        longestSpanSeconds =
                rules.stream().mapToInt(DetectionRule::withinSeconds).max().orElse(0);
        SeededHash hash = new SeededHash(seed);
        // With many rules, sources of few packets must not take all nodes either.
        int fewMax = Math.min(sourcesMax * 3 / 4, nodesMax / 2 / Math.max(1, rules.size()));
        sources = new SourceActivity(hash, sourcesMax, fewMax);
        spoofing = new SpoofingWatch(hash, sources);
        windows = new WindowPool(nodesMax, sources.capacity() * rules.size());
        latest = new LatestSeen(sources.capacity());
        established = new EstablishedTable(hash, mask);
        subnets = new SubnetWindows(
                rules, mask, hash, listener, recent, SubnetWindows.SUBNETS_MAX, SubnetWindows.NODES_MAX);
        summaries = new NodeSummaries(this.rules, mask, sources, windows, latest, established);
    }

    private static int bit(Transport transport) {
        return 1 << transport.ordinal();
    }

    @Override
    public void packet(ObservedPacket packet) {
        long micros = packet.micros();
        long second = Math.floorDiv(micros, MICROS_PER_SECOND);
        if (second < 0 || second > SECONDS_MAX || rules.length == 0) {
            return; // an impossible time, or nothing to detect
        }
        spoofing.moveOn(second);
        long high = packet.sourceHigh();
        long low = mask.low(high, packet.sourceLow());
        if (established.isExempt(high, low, micros)) {
            return;
        }
        int source = count(high, low, second);
        if (packet.port() >= 0) {
            latest.port(source, LatestSeen.pair(packet.transport(), packet.port()));
        }
        if (packet.atLoadBalancer()) {
            latest.loadBalancer(source, packet.targetHigh(), packet.targetLow());
        }
        if (packet.isConnectionAttempt()) {
            attempts.add(source, packet.sourcePort(), second);
        }
        int bit = bit(packet.transport());
        for (int number = 0; number < rules.length; number++) {
            DetectionRule rule = rules[number];
            if ((protocols[number] & bit) == 0) {
                continue;
            }
            if (windows.isFull()) {
                makeRoom(source);
            }
            int window = source * rules.length + number;
            int amount = windows.add(rule, window, second, packet);
            if (amount >= fireAt[number]) {
                fire(source, window, rule, amount, packet);
            }
        }
        subnets.packet(packet, high, low, sources.packets(source), second);
    }

    @Override
    public void established(long clientHigh, long clientLow, long micros) {
        long low = mask.low(clientHigh, clientLow);
        established.add(clientHigh, low, micros);
        int source = sources.find(clientHigh, low);
        if (source != KeyIndex.NONE
                && established.isExempt(clientHigh, low, sources.latestSecond(source) * MICROS_PER_SECOND)) {
            clearWindows(source);
            subnets.clear(clientHigh, low);
        }
    }

    /** Sets whether established responses exempt their sources, which is the default, or are only recorded. */
    public void believeEstablished(boolean believed) {
        established.believe(believed);
    }

    /** Counts a packet of a source at this second; returns the source's number. */
    private int count(long high, long low, long second) {
        int source = sources.find(high, low);
        if (source == KeyIndex.NONE) {
            source = admit(high, low, second);
            spoofing.first(source, second);
            return source;
        }
        spoofing.next(source);
        boolean setBack = second < sources.latestSecond(source) - SET_BACK_SECONDS;
        if (setBack) {
            clearWindows(source);
            attempts.forget(source);
        }
        sources.count(source, second, setBack);
        return source;
    }

    private int admit(long high, long low, long second) {
        if (sources.isFull()) {
            int source = sources.leastWorth(idleUpTo(), _ -> true);
            clearWindows(source);
            latest.clear(source);
            attempts.forget(source);
            sources.replace(source, high, low, second);
            evictedSources = Count.sum(evictedSources, 1);
            return source;
        }
        if (sources.isAtCapacity()) {
            sources.grow();
            windows.grow(sources.capacity() * rules.length);
            latest.grow(sources.capacity());
        }
        return sources.append(high, low, second);
    }

    /** Frees nodes of a full pool. One source cannot hold all nodes, so another source has some. */
    private void makeRoom(int source) {
        current = source;
        clearWindows(sources.leastWorth(idleUpTo(), hasWindows));
        evictedWindows = Count.sum(evictedWindows, 1);
    }

    /** The newest second that no window can contain any more. */
    private long idleUpTo() {
        return spoofing.newest() - longestSpanSeconds;
    }

    private void clearWindows(int source) {
        for (int number = 0; number < rules.length; number++) {
            windows.clear(source * rules.length + number);
        }
    }

    private boolean isOtherWithWindows(int source) {
        for (int number = 0; source != current && number < rules.length; number++) {
            if (!windows.isEmpty(source * rules.length + number)) {
                return true;
            }
        }
        return false;
    }

    private void fire(int source, int window, DetectionRule rule, int amount, ObservedPacket packet) {
        long micros = packet.micros();
        List<String> ports = latest.ports(source);
        Evidence evidence = new Evidence(
                amount,
                ports,
                latest.loadBalancers(source),
                Instant.ofEpochSecond(windows.oldestSecond(window)),
                Instant.EPOCH.plus(micros, ChronoUnit.MICROS),
                packet.lineText(),
                Math.max(amount, sources.recentPackets(source)),
                attempts.hint(source, sources.recentPackets(source), ports));
        windows.clear(window);
        spoofing.detected(source);
        Detection detection = new Detection(
                recent.next(), mask.prefix(sources.high(source), sources.low(source)), rule, evidence, micros);
        recent.add(detection);
        listener.detection(detection);
    }

    /** Signs of forged sources in the last minute of event time. */
    public SpoofingSigns signs() {
        return spoofing.signs();
    }

    /** Publishes what has changed; may copy all recent detections and established sources. */
    @Override
    public void publish() {
        recent.publish(signs(), evicted(), established.snapshot());
    }

    private EvictedWindows evicted() {
        return new EvictedWindows(
                Count.sum(evictedSources, subnets.evictedSubnets()),
                Count.sum(evictedWindows, subnets.evictedWindows()));
    }

    /** The last published snapshot; for any thread. */
    public Detections detections() {
        return recent.published();
    }

    @Override
    public void summarize(long nowMillis) {
        summaries.make(nowMillis);
    }

    /** The last summary for the rules of the whole cluster; for any thread. */
    public NodeSummary summary() {
        return summaries.published();
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return sources.bytes() + windows.bytes() + latest.bytes() + subnets.bytes();
    }
}
