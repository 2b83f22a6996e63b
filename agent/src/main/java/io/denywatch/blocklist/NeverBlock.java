package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The exempt address ranges. Immutable. Checked at each decision, before each write and at each reconcile.
 *
 * <p>Two prefixes are nested or disjoint. They are sorted by network, the wider one first. To find all prefixes that
 * contain an address, the search starts at the last one that does not sort after the address and follows the links to
 * the enclosing ones.
 */
public final class NeverBlock {
    /** The reason of configured ranges: the key of their setting. */
    public static final String CONFIGURED = "blocklist.neverBlock";

    private static final int NONE = -1;
    private static final int NO_RANK = Integer.MAX_VALUE;

    private final List<Range> ranges;
    private final IpPrefix[] sorted;
    private final int[] around; // index of the innermost prefix that holds this one, or NONE
    private final int[] rank; // place in ranges
    private final int[] firstRank; // the lowest rank of this and all those around it

    /**
     * Creates an index of ranges.
     *
     * @param ranges in order of precedence
     */
    public NeverBlock(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
        rank = IntStream.range(0, ranges.size())
                .boxed()
                .sorted(Comparator.comparing(i -> ranges.get(i).addresses(), IpPrefix.ORDER))
                .mapToInt(Integer::intValue)
                .toArray();
        sorted = Arrays.stream(rank).mapToObj(i -> ranges.get(i).addresses()).toArray(IpPrefix[]::new);
        around = new int[sorted.length];
        firstRank = new int[sorted.length];
        for (int i = 0; i < sorted.length; i++) {
            around[i] = outwards(i - 1, sorted[i]);
            firstRank[i] = Math.min(rank[i], firstRankAt(around[i]));
        }
    }

    /**
     * The exemptions of one node.
     *
     * @param configured by the operator: these come first, and {@code mayBlock} does not narrow them
     * @param presets named by the operator
     * @param mayBlock removed from presets and {@link SpecialRanges}, but from nothing else
     * @param known addresses of the node and its cluster, and sources allowed by policies
     */
    public static NeverBlock of(
            List<IpPrefix> configured, List<Preset> presets, List<IpPrefix> mayBlock, List<Range> known) {
        List<Range> ranges = new ArrayList<>();
        configured.forEach(addresses -> ranges.add(new Range(addresses, CONFIGURED)));
        ranges.addAll(known);
        Stream.concat(presets.stream().flatMap(preset -> preset.ranges().stream()), SpecialRanges.ALL.stream())
                .flatMap(range ->
                        range.addresses().minus(mayBlock).map(addresses -> new Range(addresses, range.reason())))
                .forEach(ranges::add);
        return new NeverBlock(ranges);
    }

    /**
     * A range of addresses, and why it is exempt.
     *
     * @param addresses the range
     * @param reason for operators: a setting's key, or the part of the cluster that it belongs to
     */
    public record Range(IpPrefix addresses, String reason) {}

    /**
     * The exemptions known so far.
     *
     * @param ranges so far; more may become known
     * @param complete whether enough is known to block new sources
     */
    public record Known(NeverBlock ranges, boolean complete) {}

    /** All ranges, in order of precedence. */
    public List<Range> ranges() {
        return ranges;
    }

    /** The first range that shares an address with the source, if there is one. */
    public Optional<Range> touching(IpPrefix source) {
        int after = after(source);
        int first = firstRankAt(outwards(after - 1, source));
        for (int i = after; i < sorted.length && sorted[i].overlaps(source); i++) { // ranges inside the source
            first = Math.min(first, rank[i]);
        }
        return first == NO_RANK ? Optional.empty() : Optional.of(ranges.get(first));
    }

    private int firstRankAt(int index) {
        return index == NONE ? NO_RANK : firstRank[index];
    }

    /** Index of the first prefix that sorts after this one. */
    private int after(IpPrefix prefix) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (IpPrefix.ORDER.compare(sorted[middle], prefix) > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Index of the innermost prefix that contains this one, searching outwards from an index, or NONE. */
    private int outwards(int from, IpPrefix prefix) {
        int index = from;
        while (index != NONE && !sorted[index].overlaps(prefix)) {
            index = around[index];
        }
        return index;
    }
}
