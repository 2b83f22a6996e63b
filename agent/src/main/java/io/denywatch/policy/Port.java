package io.denywatch.policy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A port, a range of ports or the name of a port in a rule. */
public sealed interface Port {
    /** One number or two, possibly with leading zeros. */
    Pattern NUMBERS = Pattern.compile("([0-9]+)(?::([0-9]+))?");

    /** A name that can be decoded; Felix accepts fewer. */
    Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");

    /**
     * Ports by number.
     *
     * @param first 0 to 65535
     * @param last the last port of the range, {@code first} to 65535
     */
    record PortRange(int first, int last) implements Port {
        /** Checks the range. */
        public PortRange {
            if (first < 0 || last < first || last > 65_535) {
                throw new IllegalArgumentException(
                        "ports " + first + ":" + last + " are not allowed; allowed: 0 to 65535, the lower first");
            }
        }

        @Override
        public String toString() {
            return first == last ? Integer.toString(first) : first + ":" + last;
        }
    }

    /**
     * Ports to which endpoints give this name.
     *
     * @param name the name
     */
    record PortName(String name) implements Port {
        @Override
        public String toString() {
            return name;
        }
    }

    /** One port. */
    static PortRange of(int number) {
        return new PortRange(number, number);
    }

    /**
     * Reads {@code 80}, {@code 30000:32767} or a name, as Calico does.
     *
     * @throws IllegalArgumentException if a number is out of range, or the text is none of these
     */
    static Port parse(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        if (numbers.matches()) {
            int first = number(numbers.group(1));
            return new PortRange(first, numbers.group(2) == null ? first : number(numbers.group(2)));
        }
        if (!NAME.matcher(text).matches()) {
            throw new IllegalArgumentException("port \"" + text + "\" is not allowed; allowed: a number, a range as in"
                    + " 30000:32767, or a name of letters, digits, _, . and -");
        }
        return new PortName(text);
    }

    private static int number(String digits) {
        int number = 0;
        for (int i = 0; i < digits.length() && number <= 65_535; i++) {
            number = number * 10 + digits.charAt(i) - '0';
        }
        return number;
    }
}
