package io.denywatch.detection;

import io.denywatch.denial.ObservedPacket;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sliding windows over event time, built from one pool of nodes of fixed size. Confined to the ingest thread. A window
 * is a list of nodes, the newest second first, that spans no more seconds than its rule allows; its amount is the sum
 * over its nodes. A node is either one key, at the second it was last seen, or the packets of one grain of time, at the
 * second of the earliest. A grain is one second or, for spans over an hour, the span divided by {@link #GRAINS_MAX}, so
 * that a week takes no more nodes than an hour. Packets of a grain leave the window together, when the earliest is due,
 * so no packet counts for longer than the span.
 *
 * <p>A packet out of order is inserted at its place; one that is older than the window is ignored. Seconds are Unix
 * time, 0 to 2^32-1.
 */
public final class WindowPool {
    /** Two halves of a key, a second, an amount and two links. */
    static final int BYTES_PER_NODE = 32;

    /** Two ends and an amount. */
    static final int BYTES_PER_WINDOW = 12;

    /** The most grains in a span. */
    static final int GRAINS_MAX = 3_600;

    /** The same for a rule that the whole cluster decides on: its windows are never emptied by a detection. */
    static final int CLUSTER_GRAINS_MAX = 60;

    /** The most that a node counts, so that the sum of a window does not overflow. */
    private static final int NODE_AMOUNT_MAX = 10_000_000;

    private static final int NODES_INITIAL = 256;
    private static final int NONE = 0; // nodes are numbered from 1 on, so that new arrays are empty lists

    private final int nodesMax;

    private long[] highs;
    private long[] lows;
    private int[] seconds; // unsigned
    private int[] nodeAmounts;
    private int[] newer;
    private int[] older; // also links nodes that were given back
    private int taken; // nodes with a higher number were never used
    private int givenBack = NONE;

    private int[] newest; // by window
    private int[] oldest;
    private int[] amounts;

    /**
     * @param nodesMax of all windows together, at least 1
     * @param windows to begin with
     */
    public WindowPool(int nodesMax, int windows) {
        this.nodesMax = nodesMax;
        int size = Math.min(NODES_INITIAL, nodesMax) + 1;
        highs = new long[size];
        lows = new long[size];
        seconds = new int[size];
        nodeAmounts = new int[size];
        newer = new int[size];
        older = new int[size];
        newest = new int[windows];
        oldest = new int[windows];
        amounts = new int[windows];
    }

    /** The most nodes that the window of one source and rule can take. */
    public static int nodesPerSourceMax(DetectionRule rule) {
        int grain = grainSeconds(rule);
        // Where grains are longer than a second, a span may begin and end within one.
        int grains = rule.withinSeconds() / grain + (grain > 1 ? 2 : 0);
        return switch (rule.measure()) {
            case PACKETS -> rule.isOfCluster() ? grains : Math.min(rule.threshold(), grains);
            case DISTINCT_NODES -> grains;
            case DISTINCT_PORTS, DISTINCT_LOAD_BALANCERS -> keysMax(rule);
            case DISTINCT_SOURCES -> 0; // counted by subnet
        };
    }

    private static int keysMax(DetectionRule rule) {
        return rule.scope() instanceof RuleScope.ClusterScope cluster ? cluster.shareMax(rule) : rule.threshold();
    }

    /** How many seconds share a node in a window of packets. */
    static int grainSeconds(DetectionRule rule) {
        int grains = rule.isOfCluster() ? CLUSTER_GRAINS_MAX : GRAINS_MAX;
        return rule.withinSeconds() <= grains ? 1 : Math.ceilDiv(rule.withinSeconds(), grains);
    }

    /** Makes room for this many windows. */
    void grow(int windows) {
        newest = Arrays.copyOf(newest, windows);
        oldest = Arrays.copyOf(oldest, windows);
        amounts = Arrays.copyOf(amounts, windows);
    }

    /** Whether no node is left, so that a window must be cleared before anything is added. */
    boolean isFull() {
        return givenBack == NONE && taken == nodesMax;
    }

    boolean isEmpty(int window) {
        return newest[window] == NONE;
    }

    /** The oldest second of a window that is not empty; a key has the second it was last seen. */
    long oldestSecond(int window) {
        return second(oldest[window]);
    }

    private long second(int node) {
        return Integer.toUnsignedLong(seconds[node]);
    }

    /**
     * Adds a packet to a window of the rule, by the rule's measure.
     *
     * @param packet of that rule's protocols; a reply counts as a packet, but not as a scan of ports or load balancers
     * @return the window's amount afterwards, or 0 if the packet does not count or was too old
     */
    public int add(DetectionRule rule, int window, long second, ObservedPacket packet) {
        int within = rule.withinSeconds();
        return switch (rule.measure()) {
            case PACKETS -> addPacket(window, second, within, grainSeconds(rule));
            case DISTINCT_NODES -> packet.isReply() ? 0 : addPacket(window, second, within, grainSeconds(rule));
            case DISTINCT_PORTS ->
                packet.port() < 0 || packet.isReply()
                        ? 0
                        : addKey(rule, window, second, 0, LatestSeen.pair(packet.transport(), packet.port()));
            case DISTINCT_LOAD_BALANCERS ->
                packet.atLoadBalancer() && !packet.isReply()
                        ? addKey(rule, window, second, packet.targetHigh(), packet.targetLow())
                        : 0;
            case DISTINCT_SOURCES -> 0;
        };
    }

    /** Adds a source to a window of the distinct sources of a subnet. Returns its amount, or 0 if it was too old. */
    int addMember(DetectionRule rule, int window, long second, long high, long low) {
        return addKey(rule, window, second, high, low);
    }

    /** The sources in such a window, the latest first. */
    List<IpPrefix> members(int window, AggregationPrefix mask, int max) {
        List<IpPrefix> members = new ArrayList<>(max);
        for (int node = newest[window]; node != NONE && members.size() < max; node = older[node]) {
            members.add(mask.prefix(highs[node], lows[node]));
        }
        return members;
    }

    /** Adds a packet to a window of packets. Returns its amount, or 0 if the packet was too old. */
    int addPacket(int window, long second, int withinSeconds, int grain) {
        if (!moveOn(window, second, withinSeconds)) {
            return 0;
        }
        long end = grain == 1 ? second + 1 : (second / grain + 1) * grain;
        int at = newest[window];
        while (at != NONE && second(at) >= end) {
            at = older[at];
        }
        if (at != NONE && second(at) >= end - grain) {
            seconds[at] = (int) Math.min(second(at), second);
            if (nodeAmounts[at] == NODE_AMOUNT_MAX) {
                return amounts[window];
            }
            nodeAmounts[at]++;
        } else {
            link(window, take(second, 0, 0));
        }
        return ++amounts[window];
    }

    /**
     * Adds a key to a window of distinct keys; in a full window it replaces the one seen longest ago. Returns the
     * window's amount, or 0 if the packet was too old.
     */
    private int addKey(DetectionRule rule, int window, long second, long high, long low) {
        if (!moveOn(window, second, rule.withinSeconds())) {
            return 0;
        }
        int node = newest[window];
        while (node != NONE && (lows[node] != low || highs[node] != high)) {
            node = older[node];
        }
        if (node == NONE) {
            if (amounts[window] == keysMax(rule)) {
                giveBack(window, oldest[window]);
            }
            link(window, take(second, high, low));
            return ++amounts[window];
        }
        if (second > second(node)) {
            unlink(window, node);
            seconds[node] = (int) second;
            link(window, node);
        }
        return amounts[window];
    }

    /** Moves the end of the window forward to this second. Returns whether the window contains that second. */
    private boolean moveOn(int window, long second, int withinSeconds) {
        int last = newest[window];
        if (last == NONE) {
            return true;
        }
        long before = Math.max(second, second(last)) - withinSeconds;
        for (int node = oldest[window]; node != NONE && second(node) <= before; node = oldest[window]) {
            giveBack(window, node);
        }
        return second > before;
    }

    private void giveBack(int window, int node) {
        amounts[window] -= nodeAmounts[node];
        unlink(window, node);
        older[node] = givenBack;
        givenBack = node;
    }

    /**
     * How much of a window's amount lies between two seconds.
     *
     * @param after exclusive; a node that began at or before it does not count
     * @param until inclusive; a node that began after it does not count
     */
    int amount(int window, long after, long until) {
        int amount = 0;
        for (int node = newest[window]; node != NONE && second(node) > after; node = older[node]) {
            amount += second(node) <= until ? nodeAmounts[node] : 0;
        }
        return amount;
    }

    /** Calls back with each key of a window of distinct keys that was seen last between two seconds, as above. */
    void keys(int window, long after, long until, KeyReceiver receiver) {
        for (int node = newest[window]; node != NONE && second(node) > after; node = older[node]) {
            if (second(node) <= until) {
                receiver.key(highs[node], lows[node]);
            }
        }
    }

    /** The earliest second that {@link #amount} counts; {@code until} if there is none. */
    long firstSecond(int window, long after, long until) {
        long first = until;
        for (int node = newest[window]; node != NONE && second(node) > after; node = older[node]) {
            first = Math.min(first, second(node));
        }
        return first;
    }

    /** Receives keys. */
    @FunctionalInterface
    interface KeyReceiver {
        /** A key of a window. */
        void key(long high, long low);
    }

    private int take(long second, long high, long low) {
        int node = givenBack;
        if (node == NONE) {
            growIfNeeded();
            node = ++taken;
        } else {
            givenBack = older[node];
        }
        seconds[node] = (int) second;
        highs[node] = high;
        lows[node] = low;
        nodeAmounts[node] = 1;
        return node;
    }

    private void growIfNeeded() {
        assert taken < nodesMax : taken;
        if (taken + 1 < seconds.length) {
            return;
        }
        int size = Math.min(2 * taken, nodesMax) + 1;
        highs = Arrays.copyOf(highs, size);
        lows = Arrays.copyOf(lows, size);
        seconds = Arrays.copyOf(seconds, size);
        nodeAmounts = Arrays.copyOf(nodeAmounts, size);
        newer = Arrays.copyOf(newer, size);
        older = Arrays.copyOf(older, size);
    }

    /** Inserts a node before all nodes that are not newer. */
    private void link(int window, int node) {
        int before = NONE;
        int after = newest[window];
        while (after != NONE && second(after) > second(node)) {
            before = after;
            after = older[after];
        }
        newer[node] = before;
        older[node] = after;
        connect(window, before, node);
        connect(window, node, after);
    }

    private void unlink(int window, int node) {
        connect(window, newer[node], older[node]);
    }

    /** Links two nodes, or a node and an end of the window. */
    private void connect(int window, int before, int after) {
        if (before == NONE) {
            newest[window] = after;
        } else {
            older[before] = after;
        }
        if (after == NONE) {
            oldest[window] = before;
        } else {
            newer[after] = before;
        }
    }

    /** Empties a window. */
    public void clear(int window) {
        if (isEmpty(window)) {
            return;
        }
        older[oldest[window]] = givenBack;
        givenBack = newest[window];
        newest[window] = NONE;
        oldest[window] = NONE;
        amounts[window] = 0;
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return (long) BYTES_PER_NODE * seconds.length + (long) BYTES_PER_WINDOW * newest.length;
    }
}
