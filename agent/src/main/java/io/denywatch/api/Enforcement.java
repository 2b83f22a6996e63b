package io.denywatch.api;

import java.util.Locale;

/** Whether an active policy denies what is stored in the cluster's blocklist. */
public enum Enforcement {
    /** Policies were never read. */
    UNKNOWN,
    /** No policy does. */
    MISSING,
    /** A policy does, at the host endpoints of each node that was asked about. */
    ACTIVE;

    /** The name in documents. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
