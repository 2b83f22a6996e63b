package io.denywatch.api;

import java.util.Locale;

/** Whether an active policy denies the sources that are stored in the cluster's blocklist. */
public enum Enforcement {
    /** The policies have not been read yet. */
    UNKNOWN,
    /** On some node, no active policy denies them. */
    MISSING,
    /** An active policy denies them on each node that was checked. */
    ACTIVE;

    /** The name in documents. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
