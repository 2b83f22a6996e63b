package io.denywatch.policy;

import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;

/**
 * A transport protocol.
 *
 * @param number as IANA assigns it, 0 to 255
 */
public record Protocol(int number) {
    /** Transmission Control Protocol. */
    public static final Protocol TCP = new Protocol(6);

    /** User Datagram Protocol. */
    public static final Protocol UDP = new Protocol(17);

    /** Stream Control Transmission Protocol. */
    public static final Protocol SCTP = new Protocol(132);

    private static final Map<String, Integer> NUMBERS =
            Map.of("TCP", 6, "UDP", 17, "ICMP", 1, "ICMPv6", 58, "SCTP", 132, "UDPLite", 136);

    /** Checks the range. */
    public Protocol {
        if (number < 0 || number > 255) {
            throw new IllegalArgumentException("protocol number must be 0 to 255: " + number);
        }
    }

    /**
     * Reads a name that Calico knows, in any case, or a number.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Protocol parse(String text) {
        for (Entry<String, Integer> known : NUMBERS.entrySet()) {
            if (known.getKey().equalsIgnoreCase(text)) {
                return new Protocol(known.getValue());
            }
        }
        if (text.isEmpty() || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("protocol \"" + text
                    + "\" is not allowed; allowed: TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite or a number from 0 to 255");
        }
        return new Protocol(Integer.parseInt(text));
    }

    /** Whether Calico lets a rule with this protocol name ports. */
    public boolean hasPorts() {
        return number == 6 || number == 17 || number == 132 || number == 136;
    }

    /** Calico's name, or the number. */
    @Override
    public String toString() {
        return NUMBERS.entrySet().stream()
                .filter(known -> known.getValue() == number)
                .map(Entry::getKey)
                .findFirst()
                .orElse(String.format(Locale.ROOT, "%d", number));
    }
}
