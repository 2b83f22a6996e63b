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
 * Addresses that are never blocked, whatever they do. Asked at the decision, before each write and at each reconcile.
 * Immutable.
 *
 * <p>Of two prefixes one holds the other, or they have nothing in common. Sorted by network, the wider one first, those
 * that hold an address are therefore found from the last one that is not behind it, going from each to the one around it.
 */
public final class NeverBlock {
    /** What the reason of configured ranges says: the setting's key. */
    public static final String CONFIGURED = "blocklist.neverBlock";

    private static final Comparator<IpPrefix> WIDER_FIRST =
            Comparator.comparing(IpPrefix::network).thenComparingInt(IpPrefix::length);
    private static final int NONE = -1;
    private static final int NO_RANK = Integer.MAX_VALUE;

    private final List<Range> ranges;
    private final IpPrefix[] sorted;
    private final int[] around; // index of the innermost prefix that holds this one, or NONE
    private final int[] rank; // place in ranges
    private final int[] firstRank; // the lowest rank of this and all those around it

    /**
     * Ranges, as they are asked.
     *
     * @param ranges in the order in which they are asked
     */
    public NeverBlock(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
        rank = IntStream.range(0, ranges.size())
                .boxed()
                .sorted(Comparator.comparing(i -> ranges.get(i).addresses(), WIDER_FIRST))
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
     * What one node must never block.
     *
     * @param configured by the operator: asked first, and nothing narrows them
     * @param presets named by the operator
     * @param mayBlock taken out of presets and {@link SpecialRanges}, and of nothing else
     * @param known what belongs to the node and its cluster, or is allowed by policies
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
     * A block of addresses, and why it is here.
     *
     * @param addresses the block
     * @param reason in words that an operator knows: a setting's key, or what of the cluster it belongs to
     */
    public record Range(IpPrefix addresses, String reason) {}

    /**
     * What is known of them by now.
     *
     * @param ranges may be more later
     * @param complete whether that is all that is to be known before anybody new is blocked
     */
    public record Known(NeverBlock ranges, boolean complete) {}

    /** All ranges, in the order in which they are asked. */
    public List<Range> ranges() {
        return ranges;
    }

    /** The first range that shares an address with the source, if there is one. */
    public Optional<Range> touching(IpPrefix source) {
        int behind = behind(source);
        int first = firstRankAt(outwards(behind - 1, source));
        for (int i = behind; i < sorted.length && sorted[i].overlaps(source); i++) { // those that the source holds
            first = Math.min(first, rank[i]);
        }
        return first == NO_RANK ? Optional.empty() : Optional.of(ranges.get(first));
    }

    private int firstRankAt(int index) {
        return index == NONE ? NO_RANK : firstRank[index];
    }

    /** Index of the first that is behind the prefix in the order. */
    private int behind(IpPrefix prefix) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (WIDER_FIRST.compare(sorted[middle], prefix) > 0) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Index of the innermost that holds the prefix, from one on that is not behind it, or NONE. */
    private int outwards(int from, IpPrefix prefix) {
        int index = from;
        while (index != NONE && !sorted[index].overlaps(prefix)) {
            index = around[index];
        }
        return index;
    }
}
