package io.denywatch.denial;

import java.util.Locale;

/** Who put an address on the blocklist, as far as the set shows it that contains the address. */
public enum BlockOrigin {
    /** An agent promoted the source. */
    PROMOTION,
    /** A person or a program of the operator did. */
    MANUAL,
    /** It is in an imported feed. */
    FEED;

    /** The number of origins. */
    static final int COUNT = values().length;

    /** The longest label, in bytes of a saved record. */
    static final int LABEL_BYTES_MAX = 16;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics and documents. */
    public String label() {
        return label;
    }
}
