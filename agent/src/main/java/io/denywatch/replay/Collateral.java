package io.denywatch.replay;

import io.denywatch.count.Count;
import io.denywatch.detection.AggregationPrefix;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All sources in a log, to show who shares a blocked subnet. A log of denied packets does not show sources that were
 * never denied, unless a reply to them was logged. Keeps nothing without a rule of subnets. Confined to the replaying
 * thread.
 */
final class Collateral {
    /** The most sources kept of each kind, about 24 bytes each; beyond that, counts are lower bounds. */
    static final int SOURCES_MAX = 1 << 20;

    private static final int SOURCES_INITIAL = 64;

    private final boolean on;
    private final AggregationPrefix mask;
    private final SeededHash hash;
    private final KeyIndex denied;
    private final KeyIndex established;

    /**
     * A blocked subnet.
     *
     * @param denied sources in it whose packets were denied
     * @param addresses IPv4 addresses in it, or IPv6 blocks that count as a source
     * @param established sources in it that received a reply
     */
    record Subnet(IpPrefix subnet, long denied, long addresses, long established) {}

    Collateral(List<DetectionRule> rules, AggregationPrefix mask, SeededHash hash) {
        on = rules.stream().anyMatch(DetectionRule::isOfSubnets);
        this.mask = mask;
        this.hash = hash;
        denied = new KeyIndex(hash, SOURCES_INITIAL);
        established = new KeyIndex(hash, SOURCES_INITIAL);
    }

    /** A packet of this source, which is masked already, was denied. */
    void denied(long high, long low) {
        add(denied, high, low);
    }

    /** This source, which is masked already, received a reply. */
    void established(long high, long low) {
        add(established, high, low);
    }

    private void add(KeyIndex keys, long high, long low) {
        long key = on ? hash.of(high, low) : 0;
        if (!on || keys.size() == SOURCES_MAX || keys.find(high, low, key) != KeyIndex.NONE) {
            return;
        }
        if (keys.size() == keys.capacity()) {
            keys.grow(2 * keys.capacity());
        }
        keys.append(high, low, key);
    }

    /** These prefixes, without those that are no subnets, each once. */
    List<Subnet> of(Collection<IpPrefix> blocked) {
        Map<IpPrefix, long[]> counts = new LinkedHashMap<>();
        blocked.stream().filter(SubnetLengths::isSubnet).forEach(subnet -> counts.put(subnet, new long[2]));
        count(denied, counts, 0);
        count(established, counts, 1);
        return counts.entrySet().stream()
                .map(entry ->
                        new Subnet(entry.getKey(), entry.getValue()[0], addresses(entry.getKey()), entry.getValue()[1]))
                .toList();
    }

    private static void count(KeyIndex keys, Map<IpPrefix, long[]> counts, int kind) {
        List<SubnetLengths> lengths = counts.keySet().stream()
                .map(subnet -> subnet.isIpv4()
                        ? new SubnetLengths(subnet.length() - 96, SubnetLengths.NONE.ipv6())
                        : new SubnetLengths(SubnetLengths.NONE.ipv4(), subnet.length()))
                .distinct()
                .toList();
        for (int source = 0; source < keys.size(); source++) {
            Ip address = new Ip(keys.high(source), keys.low(source));
            for (SubnetLengths length : lengths) {
                long[] count = counts.get(length.around(address));
                if (count != null) {
                    count[kind] = Count.sum(count[kind], 1);
                }
            }
        }
    }

    private long addresses(IpPrefix subnet) {
        int sourceLength = subnet.isIpv4() ? 128 : mask.ipv6PrefixLength();
        int bits = sourceLength - subnet.length();
        return bits >= Long.SIZE - 1 ? Long.MAX_VALUE : 1L << bits;
    }
}
