package io.denywatch.denial;

import io.denywatch.packet.IpProtocol;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The protocols that totals distinguish: few and fixed, because they become label values. */
public enum Transport {
    /** TCP. */
    TCP,
    /** UDP. */
    UDP,
    /** ICMP and ICMPv6. */
    ICMP,
    /** Everything else, including UDPLITE and packets without a printed protocol. */
    OTHER;

    private static final Transport[] VALUES = values();
    static final int COUNT = VALUES.length;

    /** The most bytes of a label in a saved record: its length in two bytes, and ASCII. */
    static final int LABEL_BYTES_MAX = Short.BYTES
            + Arrays.stream(VALUES)
                    .mapToInt(transport -> transport.label.length())
                    .max()
                    .orElseThrow();

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The transport of an IP protocol number, or of -1 for a packet without one. */
    static Transport of(int protocol) {
        return switch (protocol) {
            case IpProtocol.TCP -> TCP;
            case IpProtocol.UDP -> UDP;
            case IpProtocol.ICMP, IpProtocol.ICMPV6 -> ICMP;
            default -> OTHER;
        };
    }

    /** Its index in arrays, 0 to {@link #COUNT}-1; never saved or shown. */
    @SuppressWarnings("EnumOrdinal") // the index does not outlive the process
    int index() {
        return ordinal();
    }

    static Transport at(int index) {
        return VALUES[index];
    }

    /** The transport with this label, or null. */
    static @Nullable Transport labelled(String label) {
        for (Transport transport : VALUES) {
            if (transport.label.equals(label)) {
                return transport;
            }
        }
        return null;
    }

    /** The label in metrics and output. */
    public String label() {
        return label;
    }
}
