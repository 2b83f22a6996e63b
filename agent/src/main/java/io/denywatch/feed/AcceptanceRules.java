package io.denywatch.feed;

import io.denywatch.cluster.sets.FeedStore;
import io.denywatch.ip.IpPrefix;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Decides whether a list may replace the previous one. A damaged, truncated or hostile list is rejected, and the
 * previous one stays. Immutable.
 *
 * @param widest4 shortest prefix that an IPv4 entry may have
 * @param widest6 shortest prefix that an IPv6 entry may have
 * @param anySize whether the size is not compared with that of the previous list
 */
record AcceptanceRules(int widest4, int widest6, boolean anySize) {
    private static final int IPV4_OFFSET = 96;

    /** Why a list may not be used, in one line that says what to do; empty if it may. */
    Optional<String> rejection(FeedList list) {
        if (list.entries() == 0) {
            return Optional.of("the list is empty; check its source, and --json-field if it is JSON");
        }
        if (list.entries() > FeedLimits.ENTRIES_READ_MAX) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the list has %,d entries; allowed: up to %,d; choose a shorter list",
                    list.entries(),
                    FeedLimits.ENTRIES_READ_MAX));
        }
        if (list.unparsable() * 100 > list.entries() * FeedLimits.UNPARSABLE_PERCENT_MAX) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "%,d of %,d entries are not addresses, such as \"%s\"; allowed: up to %d %%; check its source and"
                            + " its format",
                    list.unparsable(),
                    list.entries(),
                    list.sample(),
                    FeedLimits.UNPARSABLE_PERCENT_MAX));
        }
        return list.nets().stream().filter(this::isTooWide).findFirst().map(this::tooWide);
    }

    /**
     * The same for the size.
     *
     * @param size of the merged list, in nets
     * @param previous size of the list that was accepted last, if there was one
     */
    Optional<String> rejection(int size, OptionalInt previous) {
        if (size > FeedStore.NETS_MAX) {
            return Optional.of(String.format(
                    Locale.ROOT,
                    "the list has %,d nets; allowed: up to %,d; choose a shorter list",
                    size,
                    FeedStore.NETS_MAX));
        }
        long before = previous.orElse(size);
        boolean similar =
                size <= before * FeedLimits.SIZE_RATIO_MAX && (long) size * FeedLimits.SIZE_RATIO_MAX >= before;
        return similar || anySize
                ? Optional.empty()
                : Optional.of(String.format(
                        Locale.ROOT,
                        "the list has %,d nets and the previous one had %,d; allowed: from half to twice as many; if"
                                + " this is right, run it once with --force",
                        size,
                        before));
    }

    private boolean isTooWide(IpPrefix net) {
        return net.length() < (net.isIpv4() ? IPV4_OFFSET + widest4 : widest6);
    }

    private String tooWide(IpPrefix net) {
        boolean ipv4 = net.isIpv4();
        return net + " is wider than allowed; allowed: up to /" + (ipv4 ? widest4 : widest6) + "; check the list, or"
                + " allow it with " + (ipv4 ? "--widest" : "--widest6");
    }
}
