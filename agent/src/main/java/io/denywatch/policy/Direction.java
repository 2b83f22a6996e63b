package io.denywatch.policy;

/** The direction of traffic, as the endpoint sees it. */
public enum Direction {
    /** To the endpoint; of a host endpoint: into the host through its interface. */
    INGRESS("Ingress"),
    /** From the endpoint. */
    EGRESS("Egress");

    private final String label;

    Direction(String label) {
        this.label = label;
    }

    /** Its name in {@code types}. */
    public String label() {
        return label;
    }
}
