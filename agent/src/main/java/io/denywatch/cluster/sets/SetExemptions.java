package io.denywatch.cluster.sets;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.ExemptWidth;
import io.denywatch.policy.SetLabels;
import io.denywatch.process.Quantities;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The exemptions that network sets make by their label. Immutable. The same sets always give the same exemptions.
 *
 * <p>Ranges that are too wide exempt no source, because a single mistake would switch blocking off. Sets that denywatch
 * writes are recognized by their names and exempt no source either: what one node writes must not protect a source on
 * all nodes.
 *
 * @param ranges that are exempt
 * @param problems what is in these sets and not exempt, one sentence each
 */
public record SetExemptions(List<Range> ranges, List<String> problems) {
    /** Maximum number of sets; further ones, by name, exempt no source. */
    public static final int SETS_MAX = 1_000;

    /** Maximum number of nets in all sets together. */
    public static final int NETS_MAX = 20_000;

    /** The beginning of the names of sets that denywatch writes. */
    public static final String RESERVED = "denywatch-";

    /** Maximum number of nets that are named for one set. */
    private static final int NAMED_MAX = 5;

    /** Copies the lists. */
    public SetExemptions {
        ranges = List.copyOf(ranges);
        problems = List.copyOf(problems);
    }

    /** The exemptions of those sets that have the label. */
    public static SetExemptions of(Collection<ClusterNetworkSet> sets) {
        List<ClusterNetworkSet> marked = sets.stream()
                .filter(set -> set.isMarked(SetLabels.NEVER_BLOCK))
                .sorted(Comparator.comparing(ClusterNetworkSet::name))
                .toList();
        List<Range> ranges = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (ClusterNetworkSet set : marked.subList(0, Math.min(SETS_MAX, marked.size()))) {
            if (set.name().startsWith(RESERVED)) {
                problems.add("set " + set.name() + " exempts no source: sets whose names begin with " + RESERVED
                        + " are those that denywatch writes");
            } else {
                add(set, ranges, problems);
            }
        }
        if (marked.size() > SETS_MAX) {
            problems.add("there are " + marked.size() + " sets; those after the first " + SETS_MAX
                    + " by name exempt no source");
        }
        return new SetExemptions(ranges, problems);
    }

    private static void add(ClusterNetworkSet set, List<Range> ranges, List<String> problems) {
        String name = "set " + set.name();
        if (set.unreadable() > 0) {
            problems.add(name + " has " + Quantities.count(set.unreadable(), "net") + " that cannot be read");
        }
        List<IpPrefix> wide = set.nets().stream().filter(ExemptWidth::isWide).toList();
        wide.stream()
                .limit(NAMED_MAX)
                .forEach(net -> problems.add(name + " has " + net + ", which is too wide to be exempt; allowed: /"
                        + ExemptWidth.IPV4_BITS_MIN + " or longer in IPv4, /" + ExemptWidth.IPV6_BITS_MIN
                        + " or longer in IPv6"));
        List<IpPrefix> narrow =
                set.nets().stream().filter(net -> !ExemptWidth.isWide(net)).toList();
        List<IpPrefix> exempt = ExemptWidth.limited(
                narrow,
                ipVersion -> problems.add(name + " has too many IPv" + ipVersion + " addresses for any to be exempt"));
        int room = NETS_MAX - ranges.size();
        if (exempt.size() > room) {
            problems.add(name + " has " + Quantities.count(exempt.size(), "net") + ", of which the first " + room
                    + " are exempt: all sets together may have " + NETS_MAX);
        }
        exempt.stream().limit(room).forEach(net -> ranges.add(new Range(net, reason(set.name()))));
        if (set.isMarked(BlocklistRules.LABEL)) {
            problems.add(name + " also has the label " + BlocklistRules.LABEL
                    + ", so the blocklist's policy denies its addresses, although no agent blocks them");
        }
    }

    private static String reason(String name) {
        return "set " + name + ", labelled " + SetLabels.NEVER_BLOCK;
    }
}
