package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Optional;

/**
 * Addresses that are never blocked, whatever they do. Asked at the decision, before each write and at each reconcile.
 *
 * @param ranges in the order in which they are asked
 */
public record NeverBlock(List<Range> ranges) {
    /** Copies the list. */
    public NeverBlock {
        ranges = List.copyOf(ranges);
    }

    /**
     * A block of addresses, and why it is here.
     *
     * @param addresses the block
     * @param reason in words that an operator knows: a setting's key, or what of the cluster it belongs to
     */
    public record Range(IpPrefix addresses, String reason) {}

    /** The first range that shares an address with the source, if there is one. */
    public Optional<Range> touching(IpPrefix source) {
        return ranges.stream()
                .filter(range -> range.addresses().overlaps(source))
                .findFirst();
    }
}
