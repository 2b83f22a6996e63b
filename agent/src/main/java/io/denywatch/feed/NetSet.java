package io.denywatch.feed;

import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A set of addresses as sorted, disjoint nets. Immutable. Looking an address up allocates nothing.
 */
public final class NetSet {
    private static final int NONE = -1;
    private static final int IPV4_OFFSET = 96;

    private final List<IpPrefix> nets;
    private final long[] high;
    private final long[] low;
    private final int ipv4; // number of IPv4 nets, which come first

    private NetSet(List<IpPrefix> disjoint) {
        nets = List.copyOf(disjoint);
        high = nets.stream().mapToLong(net -> net.network().high()).toArray();
        low = nets.stream().mapToLong(net -> net.network().low()).toArray();
        ipv4 = (int) nets.stream().filter(IpPrefix::isIpv4).count();
    }

    /**
     * The union of nets, in as few nets as possible that are no wider than a limit, unless a given one is.
     *
     * @param widest4 shortest prefix that neighbouring IPv4 nets are merged to
     * @param widest6 shortest prefix that neighbouring IPv6 nets are merged to
     */
    public static NetSet union(Collection<IpPrefix> nets, int widest4, int widest6) {
        List<IpPrefix> merged = new ArrayList<>();
        for (IpPrefix net : nets.stream().sorted(IpPrefix.ORDER).toList()) {
            if (!merged.isEmpty() && merged.getLast().overlaps(net)) {
                continue; // nets are nested or disjoint, and the wider one comes first
            }
            merged.add(net);
            int shortest = net.isIpv4() ? IPV4_OFFSET + widest4 : widest6;
            while (merged.size() > 1 && areHalves(merged.get(merged.size() - 2), merged.getLast(), shortest)) {
                merged.removeLast();
                IpPrefix first = merged.removeLast();
                merged.add(new IpPrefix(first.network(), first.length() - 1));
            }
        }
        return new NetSet(merged);
    }

    /** Whether these disjoint nets, the lower one first, are the halves of a net that is not too wide. */
    private static boolean areHalves(IpPrefix first, IpPrefix second, int shortest) {
        int length = first.length() - 1;
        long highMask = IpPrefix.highMask(Math.max(0, length));
        long lowMask = IpPrefix.lowMask(Math.max(0, length));
        return first.length() == second.length()
                && first.isIpv4() == second.isIpv4()
                && length >= shortest
                && (first.network().high() & highMask) == (second.network().high() & highMask)
                && (first.network().low() & lowMask) == (second.network().low() & lowMask);
    }

    /** These addresses without the exempt ones; a net that is partly exempt is cut. */
    NetSet minus(NeverBlock exempt) {
        List<IpPrefix> ranges = exempt.ranges().stream().map(Range::addresses).toList();
        List<IpPrefix> left = new ArrayList<>();
        for (IpPrefix net : nets) {
            if (exempt.touching(net).isEmpty()) {
                left.add(net);
            } else {
                net.minus(ranges).forEach(left::add);
            }
        }
        return new NetSet(left.stream().sorted(IpPrefix.ORDER).toList());
    }

    /** The nets, sorted and disjoint. */
    public List<IpPrefix> nets() {
        return nets;
    }

    /** The nets that share addresses with this one. */
    List<IpPrefix> overlapping(IpPrefix net) {
        int last = lastFrom(net.network().high(), net.network().low());
        int first = last != NONE && nets.get(last).overlaps(net) ? last : last + 1;
        int end = first;
        while (end < nets.size() && nets.get(end).overlaps(net)) {
            end++;
        }
        return nets.subList(first, end);
    }

    /** Whether an address is in the set. */
    public boolean contains(long addressHigh, long addressLow) {
        int last = lastFrom(addressHigh, addressLow);
        return last != NONE && nets.get(last).contains(addressHigh, addressLow);
    }

    /**
     * Index of the last net of an address's IP version that does not begin after it. Without such a net, the index
     * before the first net of that version.
     */
    private int lastFrom(long addressHigh, long addressLow) {
        boolean isIpv4 = Ip.isIpv4(addressHigh, addressLow);
        int from = isIpv4 ? 0 : ipv4;
        int to = isIpv4 ? ipv4 : high.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            int byHigh = Long.compareUnsigned(high[middle], addressHigh);
            if (byHigh > 0 || (byHigh == 0 && Long.compareUnsigned(low[middle], addressLow) > 0)) {
                to = middle;
            } else {
                from = middle + 1;
            }
        }
        return from - 1;
    }
}
