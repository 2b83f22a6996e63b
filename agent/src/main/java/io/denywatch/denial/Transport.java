package io.denywatch.denial;

import io.denywatch.packet.IpProtocol;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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

    private static final Transport[] VALUES = values();
    static final int COUNT = VALUES.length;

    /** The most that a label takes in a saved state: its length in two bytes, and ASCII. */
    static final int LABEL_BYTES_MAX = Short.BYTES
            + Arrays.stream(VALUES)
                    .mapToInt(transport -> transport.label.length())
                    .max()
                    .orElseThrow();

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The transport of an IP protocol number, or of -1 where a packet has none. */
    static Transport of(int protocol) {
        return switch (protocol) {
            case IpProtocol.TCP -> TCP;
            case IpProtocol.UDP -> UDP;
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> ICMP;
            default -> OTHER;
        };
    }

    /** Its place in arrays, 0 to {@link #COUNT}-1: never stored, never shown. */
    @SuppressWarnings("EnumOrdinal") // nothing outlives the process
    int index() {
        return ordinal();
    }

    static Transport at(int index) {
        return VALUES[index];
    }

    /** The one of this name, or null. */
    static @Nullable Transport labelled(String label) {
        for (Transport transport : VALUES) {
            if (transport.label.equals(label)) {
                return transport;
            }
        }
        return null;
    }

    /** The name in metrics and output. */
    public String label() {
        return label;
    }
}
