package io.denywatch.policy;

/** One of the two ends of a packet. */
enum Side {
    SOURCE("source"),
    DESTINATION("destination");

    private final String label;

    Side(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }
}
