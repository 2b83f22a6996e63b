package io.denywatch.config;

/** How load balancers are found. Immutable. */
public enum Discovery {
    /** They are the addresses of the cluster's Services. */
    KUBERNETES("kubernetes"),
    /** They are those that the configuration names. */
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
