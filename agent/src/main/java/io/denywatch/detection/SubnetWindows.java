package io.denywatch.detection;

import io.denywatch.count.Count;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Detects subnets of which many sources were denied, in windows like those of {@link SourceWindows}: exact, in bounded
 * memory, and without allocation. Confined to the ingest thread.
 *
 * <p>A window holds the distinct sources of one subnet and rule with their addresses, not hashes, so a subnet that
 * never had N sources within the span is never detected, however much they send. A source counts only from its {@link
 * #MEMBER_PACKETS_MIN}th packet on: the few packets of a forged source are no evidence against its neighbours.
 *
 * <p>Memory is at most {@code subnetsMax × 156 B + 32 B × nodesMax}, 1.7 MB; without such rules, next to nothing.
 */
final class SubnetWindows {
    /** The most subnets held, each once for each rule. */
    static final int SUBNETS_MAX = 4_096;

    /** The most sources in the windows of all subnets together. */
    static final int NODES_MAX = 32_768;

    /** The packets from which on a source counts as a member. */
    static final int MEMBER_PACKETS_MIN = SpoofingSigns.FEW_PACKETS + 1;

    private static final int RULE_SHIFT = 48; // free bits of a network's low half, IPv4 or IPv6

    private final DetectionRule[] rules;
    private final AggregationPrefix mask;
    private final DetectionListener listener; // not owned
    private final RecentDetections recent; // not owned
    private final int longestSpanSeconds;
    private final SourceActivity subnets;
    private final WindowPool windows;
    private final LatestSeen latest;
    private final IntPredicate hasWindow = this::isOtherWithWindow;
    private int current; // the subnet whose packet is being looked at
    private long newest;
    private long evictedSubnets;
    private long evictedWindows;

    /**
     * @param all rules, also those that count something else
     * @param subnetsMax a power of two
     */
    SubnetWindows(
            List<DetectionRule> all,
            AggregationPrefix mask,
            SeededHash hash,
            DetectionListener listener,
            RecentDetections recent,
            int subnetsMax,
            int nodesMax) {
        rules = all.stream().filter(DetectionRule::isOfSubnets).toArray(DetectionRule[]::new);
        this.mask = mask;
        this.listener = listener;
        this.recent = recent;
        longestSpanSeconds =
                all.stream().mapToInt(DetectionRule::withinSeconds).max().orElse(0);
        boolean isUsed = rules.length > 0;
        subnets = new SourceActivity(hash, isUsed ? subnetsMax : 1, subnetsMax * 3 / 4);
        windows = new WindowPool(isUsed ? nodesMax : 1, subnets.capacity());
        latest = new LatestSeen(subnets.capacity());
    }

    /**
     * Counts a packet.
     *
     * @param high of its source, and low, masked already
     * @param packets of that source so far
     */
    void packet(ObservedPacket packet, long high, long low, int packets, long second) {
        if (rules.length == 0 || packets < MEMBER_PACKETS_MIN || packet.isReply()) {
            return;
        }
        newest = Math.max(newest, second);
        for (int number = 0; number < rules.length; number++) {
            DetectionRule rule = rules[number];
            if (rule.protocols().contains(packet.transport())) {
                count(rule, number, packet, high, low, second);
            }
        }
    }

    private void count(DetectionRule rule, int number, ObservedPacket packet, long high, long low, long second) {
        int subnet = admitted(keyHigh(rule, high, low), keyLow(rule, number, high, low), second);
        if (packet.port() >= 0) {
            latest.port(subnet, LatestSeen.pair(packet.transport(), packet.port()));
        }
        if (packet.atLoadBalancer()) {
            latest.loadBalancer(subnet, packet.targetHigh(), packet.targetLow());
        }
        if (windows.isFull()) {
            makeRoom(subnet);
        }
        int amount = windows.addMember(rule, subnet, second, high, low);
        if (amount >= rule.threshold()) {
            fire(rule, subnet, amount, packet);
        }
    }

    private static int length(DetectionRule rule, long high, long low) {
        return Ip.isIpv4(high, low)
                ? 96 + rule.subnets().ipv4()
                : rule.subnets().ipv6();
    }

    private static long keyHigh(DetectionRule rule, long high, long low) {
        return high & IpPrefix.highMask(length(rule, high, low));
    }

    /** Rules of different lengths have windows of their own. */
    private static long keyLow(DetectionRule rule, int number, long high, long low) {
        return (low & IpPrefix.lowMask(length(rule, high, low))) | ((long) number << RULE_SHIFT);
    }

    private int admitted(long high, long low, long second) {
        int subnet = subnets.find(high, low);
        if (subnet != KeyIndex.NONE) {
            boolean setBack = second < subnets.latestSecond(subnet) - SourceWindows.SET_BACK_SECONDS;
            if (setBack) {
                windows.clear(subnet);
            }
            subnets.count(subnet, second, setBack);
            return subnet;
        }
        if (subnets.isFull()) {
            subnet = subnets.leastWorth(newest - longestSpanSeconds, _ -> true);
            windows.clear(subnet);
            latest.clear(subnet);
            subnets.replace(subnet, high, low, second);
            evictedSubnets = Count.sum(evictedSubnets, 1);
            return subnet;
        }
        if (subnets.isAtCapacity()) {
            subnets.grow();
            windows.grow(subnets.capacity());
            latest.grow(subnets.capacity());
        }
        return subnets.append(high, low, second);
    }

    /** One window holds fewer nodes than there are, so another subnet has some. */
    private void makeRoom(int subnet) {
        current = subnet;
        windows.clear(subnets.leastWorth(newest - longestSpanSeconds, hasWindow));
        evictedWindows = Count.sum(evictedWindows, 1);
    }

    private boolean isOtherWithWindow(int subnet) {
        return subnet != current && !windows.isEmpty(subnet);
    }

    /** Empties the windows of the subnets around a source, because it is not denied. */
    void clear(long high, long low) {
        for (int number = 0; number < rules.length; number++) {
            int subnet = subnets.find(keyHigh(rules[number], high, low), keyLow(rules[number], number, high, low));
            if (subnet != KeyIndex.NONE) {
                windows.clear(subnet);
            }
        }
    }

    private void fire(DetectionRule rule, int subnet, int amount, ObservedPacket packet) {
        long micros = packet.micros();
        Evidence evidence = new Evidence(
                amount,
                latest.ports(subnet),
                latest.loadBalancers(subnet),
                Instant.ofEpochSecond(windows.oldestSecond(subnet)),
                Instant.EPOCH.plus(micros, ChronoUnit.MICROS),
                packet.lineText(),
                Math.max(amount, subnets.recentPackets(subnet)),
                "",
                windows.members(subnet, mask, Evidence.MEMBERS_MAX));
        windows.clear(subnet);
        IpPrefix prefix = rule.subnets().around(new Ip(packet.sourceHigh(), packet.sourceLow()));
        Detection detection = new Detection(recent.next(), prefix, rule, evidence, micros);
        recent.add(detection);
        listener.detection(detection);
    }

    /** Subnets that made room for others, since start. */
    long evictedSubnets() {
        return evictedSubnets;
    }

    /** Windows that were emptied to make room, since start. */
    long evictedWindows() {
        return evictedWindows;
    }

    /** Bytes of the arrays' elements; 0 without rules of subnets. */
    long bytes() {
        return rules.length == 0 ? 0 : subnets.bytes() + windows.bytes() + latest.bytes();
    }
}
