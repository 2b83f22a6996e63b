package io.denywatch.policy;

/** One of the two ends of a packet. */
public enum Side {
    SOURCE("source"),
    DESTINATION("destination");

    private final String label;

    Side(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
