package io.denywatch.policy;

import java.util.Locale;
import java.util.Map;
import java.util.Map.Entry;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    /** A number, possibly with leading zeros. */
    private static final Pattern NUMBER = Pattern.compile("0*([0-9]{1,3})");

    /** Checks the range. */
    public Protocol {
        if (number < 0 || number > 255) {
            throw new IllegalArgumentException("protocol number must be 0 to 255: " + number);
        }
    }

    /**
     * Reads a name that Calico knows, in upper or lower case, or a number.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static Protocol parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        for (Entry<String, Integer> known : NUMBERS.entrySet()) {
            if (known.getKey().toLowerCase(Locale.ROOT).equals(lower)) {
                return new Protocol(known.getValue());
            }
        }
        Matcher number = NUMBER.matcher(text);
        if (!number.matches() || Integer.parseInt(number.group(1)) > 255) {
            throw new IllegalArgumentException("protocol \"" + text
                    + "\" is not allowed; allowed: TCP, UDP, ICMP, ICMPv6, SCTP, UDPLite or a number from 0 to 255");
        }
        return new Protocol(Integer.parseInt(number.group(1)));
    }

    /** Whether Felix accepts a rule with this protocol and ports. */
    public boolean hasPorts() {
        return equals(TCP) || equals(UDP) || equals(SCTP);
    }

    /** Whether it is the ICMP of an IP version. */
    public boolean isIcmp(int ipVersion) {
        return number == (ipVersion == 4 ? 1 : 58);
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
