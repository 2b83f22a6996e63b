package io.denywatch.packet;

import java.util.Locale;

/** Why a line with our prefix is not a packet line. */
public enum Malformation {
    /** No {@code IN=} after the prefix, or no {@code OUT=} after that. */
    NO_ANCHOR,
    /** The line ends where the kernel would have continued. */
    CUT,
    /** An address that the kernel would not have printed. */
    BAD_ADDRESS,
    /** A number that is missing, out of range or not in the kernel's notation. */
    BAD_NUMBER,
    /** A field other than the one that the grammar requires. */
    UNEXPECTED_FIELD,
    /** An ARP packet: it has no IP addresses to count. */
    ARP,
    /** Interfaces and MAC only: a packet of a family that the kernel does not print. */
    HEADER_ONLY,
    /** The kernel says that the packet was too short for an IP header. */
    TRUNCATED;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The reason's name in metrics and output. */
    public String label() {
        return label;
    }
}
