package io.denywatch.cluster.sets;

import io.denywatch.blocklist.NeverBlock;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The nets of a list that may be written: the last check before each write, independent of all decisions. Immutable.
 * Calico does not check them: a wide net in a set would be blocked entirely.
 *
 * @param nets canonical, disjoint and sorted: an nftables set cannot contain nested blocks, and from Calico 3.32 on the
 *     API refuses duplicates
 * @param covered those left out because a wider one in {@code nets} blocks them
 * @param refused those that may not be written, each with the reason
 */
record WritableNets(List<IpPrefix> nets, List<IpPrefix> covered, List<String> refused) {
    WritableNets {
        nets = List.copyOf(nets);
        covered = List.copyOf(covered);
        refused = List.copyOf(refused);
    }

    /** Divides the nets of a list into these three groups. */
    static WritableNets of(Collection<IpPrefix> wanted, NeverBlock neverBlock) {
        return of(wanted, neverBlock, SubnetLengths.NONE);
    }

    /** The same where subnets up to a width may be written. One that touches an exempt range is refused as a whole. */
    static WritableNets of(Collection<IpPrefix> wanted, NeverBlock neverBlock, SubnetLengths widest) {
        TreeMap<IpPrefix, String> refused = new TreeMap<>(IpPrefix.ORDER);
        TreeSet<IpPrefix> allowed = new TreeSet<>(IpPrefix.ORDER);
        for (IpPrefix net : wanted) {
            if (isAllowed(net, widest)) {
                neverBlock
                        .touching(net)
                        .ifPresentOrElse(
                                range -> refused.put(net, net + " (" + range.addresses() + ", " + range.reason() + ")"),
                                () -> allowed.add(net));
            } else {
                refused.put(
                        net,
                        net
                                + (widest.equals(SubnetLengths.NONE)
                                        ? " (neither a /32 nor an IPv6 /64 or longer)"
                                        : " (wider than a /" + widest.ipv4() + " or an IPv6 /" + widest.ipv6() + ")"));
            }
        }
        List<IpPrefix> nets = new ArrayList<>();
        List<IpPrefix> covered = new ArrayList<>();
        for (IpPrefix net : allowed) {
            // Prefixes are nested or disjoint, and the wider one comes first.
            boolean isCovered = !nets.isEmpty() && nets.getLast().overlaps(net);
            (isCovered ? covered : nets).add(net);
        }
        return new WritableNets(nets, covered, List.copyOf(refused.values()));
    }

    /** Whether a net is one IPv4 address, or an IPv6 block of /64 or longer outside the special range ::/64. */
    static boolean isNarrow(IpPrefix net) {
        return isAllowed(net, SubnetLengths.NONE);
    }

    /** The same for subnets up to a width. */
    static boolean isAllowed(IpPrefix net, SubnetLengths widest) {
        return widest.permits(net) && (net.isIpv4() || net.network().high() != 0);
    }
}
