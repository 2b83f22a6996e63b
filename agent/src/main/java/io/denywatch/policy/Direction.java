package io.denywatch.policy;

/** From where the endpoint sees the traffic. */
public enum Direction {
    /** To the endpoint; of a host endpoint: into the host through its interface. */
    INGRESS("Ingress"),
    /** From the endpoint. */
    EGRESS("Egress");

    private final String label;

    Direction(String label) {
        this.label = label;
    }

    /** As Calico spells it in {@code types}. */
    public String label() {
        return label;
    }
}
