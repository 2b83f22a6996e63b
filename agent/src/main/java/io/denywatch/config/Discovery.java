package io.denywatch.config;

/** How load balancers are found that the configuration does not name. Immutable. */
public enum Discovery {
    /** From the cluster's Services. */
    KUBERNETES("kubernetes"),
    /** Not at all. */
    STATIC("static"),
    /** Every destination counts as one. */
    ANY("any");

    private final String label;

    Discovery(String label) {
        this.label = label;
    }

    /** The name in the configuration. */
    String label() {
        return label;
    }
}
