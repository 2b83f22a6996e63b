package io.denywatch.feed;

import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * A list as it was read. Immutable.
 *
 * @param nets in the order of the list, repeats included; at most {@link FeedLimits#ENTRIES_READ_MAX}
 * @param entries all entries, also unparsable ones
 * @param unparsable entries that are no addresses
 * @param sample the first of these, shortened; empty if there is none
 */
public record FeedList(List<IpPrefix> nets, long entries, long unparsable, String sample) {
    /** Copies the list. */
    public FeedList {
        nets = List.copyOf(nets);
    }
}
