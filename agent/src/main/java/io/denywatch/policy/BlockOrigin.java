package io.denywatch.policy;

import java.util.Locale;

/** Who put an address on the blocklist, as far as the set shows it that contains the address. */
public enum BlockOrigin {
    /** An agent promoted the source. */
    PROMOTION,
    /** A person or a program of the operator did. */
    MANUAL,
    /** It is in an imported feed. */
    FEED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics and documents. */
    public String label() {
        return label;
    }
}
