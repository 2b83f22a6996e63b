package io.denywatch.denial;

/** Which destinations a {@link DenialTable} takes for load balancers. */
public enum Destinations {
    /** Those that are configured. */
    CONFIGURED,
    /** Each. */
    ANY,
    /** Those that are configured and those that are assigned while it runs. */
    DISCOVERED
}
