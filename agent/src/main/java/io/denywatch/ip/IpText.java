package io.denywatch.ip;

/** Addresses as text: reads RFC 4291, writes the canonical form of RFC 5952. Allocates, so only cold code uses it. */
public final class IpText {
    private static final int GROUPS = 8;

    private IpText() {}

    /** Dotted decimal. */
    static String ipv4(int bits) {
        return (bits >>> 24) + "." + (bits >>> 16 & 0xff) + "." + (bits >>> 8 & 0xff) + "." + (bits & 0xff);
    }

    /**
     * The RFC 5952 text of 128 bits as an IPv6 address, even if it is IPv4-mapped ({@code ::ffff:192.0.2.1}). For
     * callers that know the family.
     */
    public static String ipv6(long high, long low) {
        if (Ip.isIpv4(high, low)) {
            return "::ffff:" + ipv4((int) low);
        }
        int runStart = -1;
        int runLength = 1; // RFC 5952, 4.2.2: a single zero group is not shortened
        for (int i = 0; i < GROUPS; i++) {
            int length = 0;
            while (i + length < GROUPS && group(high, low, i + length) == 0) {
                length++;
            }
            if (length > runLength) {
                runStart = i;
                runLength = length;
            }
            i += length;
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < GROUPS; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(group(high, low, i)));
        }
        return text.toString();
    }

    private static int group(long high, long low, int index) {
        long half = index < 4 ? high : low;
        return (int) (half >>> (48 - 16 * (index & 3))) & 0xffff;
    }

    static Ip parse(String text) {
        if (text.indexOf(':') < 0) {
            return Ip.ofIpv4(parseIpv4(text, text));
        }
        long[] halves = new long[2];
        int elision = text.indexOf("::");
        if (elision < 0) {
            if (parseGroups(text, text, halves, true) != GROUPS) {
                throw notAnAddress(text);
            }
        } else {
            String head = text.substring(0, elision);
            String tail = text.substring(elision + 2);
            int headCount = head.isEmpty() ? 0 : parseGroups(head, text, halves, false);
            long[] tailHalves = new long[2];
            int tailCount = tail.isEmpty() ? 0 : parseGroups(tail, text, tailHalves, true);
            if (headCount + tailCount > GROUPS - 1) {
                throw notAnAddress(text);
            }
            for (int i = 0; i < tailCount; i++) {
                put(halves, GROUPS - tailCount + i, group(tailHalves[0], tailHalves[1], i));
            }
        }
        return new Ip(halves[0], halves[1]);
    }

    /** Reads groups separated by colons; the address's last one may be a dotted IPv4 address. Returns how many there are. */
    private static int parseGroups(String part, String whole, long[] halves, boolean endsAddress) {
        int count = 0;
        String[] groups = part.split(":", -1);
        for (int i = 0; i < groups.length; i++) {
            String group = groups[i];
            boolean dotted = endsAddress && i == groups.length - 1 && group.indexOf('.') >= 0;
            if (count + (dotted ? 2 : 1) > GROUPS) {
                throw notAnAddress(whole);
            }
            if (dotted) {
                int bits = parseIpv4(group, whole);
                put(halves, count++, bits >>> 16);
                put(halves, count++, bits & 0xffff);
            } else {
                put(halves, count++, parseGroup(group, whole));
            }
        }
        return count;
    }

    private static void put(long[] halves, int index, int group) {
        halves[index >> 2] |= (long) group << (48 - 16 * (index & 3));
    }

    private static int parseGroup(String group, String whole) {
        if (group.isEmpty() || group.length() > 4) {
            throw notAnAddress(whole);
        }
        int value = 0;
        for (int i = 0; i < group.length(); i++) {
            char c = group.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw notAnAddress(whole);
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static int parseIpv4(String text, String whole) {
        String[] octets = text.split("\\.", -1);
        if (octets.length != 4) {
            throw notAnAddress(whole);
        }
        int bits = 0;
        for (String octet : octets) {
            bits = bits << 8 | parseDecimal(octet, 255, whole);
        }
        return bits;
    }

    /** A decimal without sign or leading zeros, at most {@code max}. */
    private static int parseDecimal(String digits, int max, String whole) {
        boolean canonical = !digits.isEmpty()
                && digits.length() <= 3
                && (digits.charAt(0) != '0' || digits.length() == 1)
                && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        int value = canonical ? Integer.parseInt(digits) : max + 1;
        if (value > max) {
            throw notAnAddress(whole);
        }
        return value;
    }

    private static IllegalArgumentException notAnAddress(String text) {
        return new IllegalArgumentException("\"" + text + "\" is not an IP address");
    }
}
