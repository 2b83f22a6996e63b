package io.denywatch.policy;

/** Where in the kernel a policy is evaluated, in the order in which a packet gets there. */
public enum Stage {
    /** {@code doNotTrack}: before connection tracking, every packet. */
    DO_NOT_TRACK,
    /** {@code preDNAT}: before the destination is rewritten, packets of new connections. */
    PRE_DNAT,
    /** All other policies: after that, packets of new connections. */
    FILTER
}
