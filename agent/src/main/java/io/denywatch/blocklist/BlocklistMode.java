package io.denywatch.blocklist;

/** What happens with decisions. Immutable. */
public enum BlocklistMode {
    /** Nothing is decided. */
    OFF("off"),
    /** Everything is decided, logged and counted; nothing is written. */
    DRY_RUN("dry-run"),
    /** What is decided is written to the cluster. */
    ENFORCE("enforce");

    private final String label;

    BlocklistMode(String label) {
        this.label = label;
    }

    /** The name in configuration and metrics. */
    public String label() {
        return label;
    }
}
