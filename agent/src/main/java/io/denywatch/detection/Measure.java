package io.denywatch.detection;

/** What a {@link DetectionRule} counts for each source, or for each subnet. Immutable. */
public enum Measure {
    /** Denied packets, including retransmissions, which the log does not mark. */
    PACKETS("packets", 1_000_000),
    /** Pairs of protocol and destination port. */
    DISTINCT_PORTS("distinctPorts", 256),
    /** Distinct load balancers. */
    DISTINCT_LOAD_BALANCERS("distinctLoadBalancers", 256),
    /** Distinct sources in one subnet, which is then blocked as a whole. */
    DISTINCT_SOURCES("distinctSources", 256),
    /** Nodes that denied the source's packets; only for rules with scope {@code cluster}. */
    DISTINCT_NODES("distinctNodes", 1_000);

    private final String label;
    private final int thresholdMax;

    Measure(String label, int thresholdMax) {
        this.label = label;
        this.thresholdMax = thresholdMax;
    }

    /** The name in configuration and output. */
    public String label() {
        return label;
    }

    /** The highest threshold that a rule may have. */
    public int thresholdMax() {
        return thresholdMax;
    }
}
