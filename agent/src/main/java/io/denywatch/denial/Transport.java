package io.denywatch.denial;

import java.util.Locale;

/** The protocols told apart in totals: few and fixed, for they become label values. */
public enum Transport {
    /** TCP. */
    TCP,
    /** UDP. */
    UDP,
    /** ICMP and ICMPv6. */
    ICMP,
    /** Everything else, UDPLITE and packets without a printed protocol among it. */
    OTHER;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics and output. */
    public String label() {
        return label;
    }
}
