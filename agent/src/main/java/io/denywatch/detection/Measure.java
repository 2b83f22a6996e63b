package io.denywatch.detection;

/** What of a source a {@link DetectionRule} counts within its span. */
public enum Measure {
    /** Denied packets: retransmissions count, for the log does not tell them apart. */
    PACKETS("packets", 1_000_000),
    /** Pairs of protocol and destination port. */
    DISTINCT_PORTS("distinctPorts", 256),
    /** Load balancers that are told apart. */
    DISTINCT_LOAD_BALANCERS("distinctLoadBalancers", 256);

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
