package io.denywatch.denial;

/** Which destinations a {@link DenialTable} counts as load balancers. */
public enum Destinations {
    /** The configured ones. */
    CONFIGURED,
    /** All. */
    ANY,
    /** The configured ones, and those that are assigned at run time. */
    DISCOVERED
}
