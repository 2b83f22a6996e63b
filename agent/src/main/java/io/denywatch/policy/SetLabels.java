package io.denywatch.policy;

/** The labels of network sets that denywatch reads or writes. */
public final class SetLabels {
    /** The beginning of all of them. */
    public static final String PREFIX = "denywatch.io/";

    /** The value of labels that only mark a set. */
    public static final String MARKED = "true";

    /** Marks a set whose addresses are exempt. */
    public static final String NEVER_BLOCK = PREFIX + "never-block";

    /** Names the feed from which the addresses of a set were imported. */
    public static final String FEED = PREFIX + "feed";

    /** Marks the set with the addresses of all load balancers. */
    public static final String LOAD_BALANCERS = PREFIX + "load-balancers";

    private SetLabels() {}
}
