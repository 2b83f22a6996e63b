package io.denywatch.cluster.sets;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a feed's set: {@code denywatch-feed-<feed>-<shard>}.
 *
 * @param feed by name
 * @param shard from 0
 */
record FeedSetName(String feed, int shard) {
    static final String PREFIX = "denywatch-feed-";
    private static final Pattern FEED = Pattern.compile("[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?");
    private static final Pattern FORM = Pattern.compile(PREFIX + "(" + FEED + ")-(0|[1-9][0-9]{0,3})");

    /** Whether sets can be named after a feed. */
    static boolean isFeed(String name) {
        return FEED.matcher(name).matches();
    }

    /** Parses the name of a feed's set. */
    static Optional<FeedSetName> parse(String name) {
        Matcher form = FORM.matcher(name);
        return form.matches()
                ? Optional.of(new FeedSetName(form.group(1), Integer.parseInt(form.group(3))))
                : Optional.empty();
    }

    /** The object's name. */
    @Override
    public String toString() {
        return PREFIX + feed + "-" + shard;
    }
}
