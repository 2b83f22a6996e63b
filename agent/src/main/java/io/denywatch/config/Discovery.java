package io.denywatch.config;

/** How load balancers are known that the configuration does not name. */
public enum Discovery {
    /** From the cluster's Services. */
    KUBERNETES("kubernetes"),
    /** Not at all. */
    STATIC("static"),
    /** Each destination is taken for one. */
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
