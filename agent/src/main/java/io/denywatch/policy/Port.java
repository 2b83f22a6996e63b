package io.denywatch.policy;

/** A port, a range of ports or the name of a port in a rule. */
public sealed interface Port {
    /**
     * Ports by number.
     *
     * @param first 0 to 65535
     * @param last the last that belongs to it, {@code first} to 65535
     */
    record Range(int first, int last) implements Port {
        /** Checks the range. */
        public Range {
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
     * The ports that endpoints give a name.
     *
     * @param name the name
     */
    record Named(String name) implements Port {
        @Override
        public String toString() {
            return name;
        }
    }

    /** One port. */
    static Range of(int number) {
        return new Range(number, number);
    }

    /**
     * Reads {@code 80}, {@code 30000:32767} or a name.
     *
     * @throws IllegalArgumentException if a number is out of range
     */
    static Port parse(String text) {
        String[] ends = text.split(":", -1);
        boolean numbers = ends.length <= 2;
        for (String end : ends) {
            numbers &= !end.isEmpty() && end.length() <= 5 && end.chars().allMatch(c -> c >= '0' && c <= '9');
        }
        return numbers
                ? new Range(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                : new Named(text);
    }
}
