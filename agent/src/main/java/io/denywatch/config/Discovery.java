package io.denywatch.config;

/** How load balancers are found. Immutable. */
public enum Discovery {
    /** The addresses of the cluster's Services are load balancers. */
    KUBERNETES("kubernetes"),
    /** The configuration names the load balancers. */
    STATIC("static"),
    /** Every destination counts as a load balancer. */
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
