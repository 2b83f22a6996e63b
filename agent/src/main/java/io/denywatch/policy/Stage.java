package io.denywatch.policy;

/** The stages in the kernel in which policies are evaluated, in the order in which a packet passes them. */
public enum Stage {
    /** {@code doNotTrack}: before connection tracking, every packet. */
    DO_NOT_TRACK,
    /** {@code preDNAT}: before the destination is rewritten, packets of new connections. */
    PRE_DNAT,
    /** All other policies: after that, packets of new connections. */
    FILTER
}
