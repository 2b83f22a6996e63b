package io.denywatch.felix;

import java.util.Arrays;
import java.util.Optional;

/**
 * A block of addresses as libcalico-go/lib/net reads it ({@code ParseCIDROrIP}, which is Go's {@code net.ParseCIDR}). An
 * IPv4 address in IPv6 form is IPv4.
 *
 * @param ipVersion 4 or 6
 * @param network its bytes, 4 or 16, none set after the prefix
 * @param length of the prefix
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Cidr(int ipVersion, byte[] network, int length) {
    static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        Optional<byte[]> address = address(slash < 0 ? text : text.substring(0, slash));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = address.get();
        int bits = bytes.length * 8;
        if (slash >= 0) {
            String digits = text.substring(slash + 1);
            if (digits.isEmpty() || digits.length() > 9 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                return Optional.empty();
            }
            int given = Integer.parseInt(digits);
            if (given > bits) {
                return Optional.empty();
            }
            bits = given;
        }
        byte[] masked = masked(bytes, bits);
        if (isMapped(masked)) {
            return Optional.of(new Cidr(4, Arrays.copyOfRange(masked, 12, 16), Math.max(0, bits - 96)));
        }
        return Optional.of(new Cidr(masked.length == 4 ? 4 : 6, masked, bits));
    }

    private static boolean isMapped(byte[] bytes) {
        if (bytes.length != 16 || bytes[10] != -1 || bytes[11] != -1) {
            return false;
        }
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] masked(byte[] bytes, int bits) {
        byte[] masked = bytes.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.clamp(bits - 8L * i, 0, 8);
            masked[i] &= (byte) (0xff00 >> kept);
        }
        return masked;
    }

    boolean contains(byte[] address) {
        return address.length == network.length && Arrays.equals(masked(address, length), network);
    }

    boolean isAll() {
        return length == 0;
    }

    /** 4 or 16 bytes. */
    static Optional<byte[]> address(String text) {
        return text.contains(":") ? v6(text) : v4(text);
    }

    private static Optional<byte[]> v4(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] bytes = new byte[4];
        if (parts.length != 4) {
            return Optional.empty();
        }
        for (int i = 0; i < 4; i++) {
            if (!parts[i].matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(parts[i]) > 255) {
                return Optional.empty();
            }
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        return Optional.of(bytes);
    }

    private static Optional<byte[]> v6(String text) {
        String rest = text;
        int lastColon = text.lastIndexOf(':');
        if (text.indexOf('.') >= 0) {
            Optional<byte[]> tail = v4(text.substring(lastColon + 1));
            if (tail.isEmpty()) {
                return Optional.empty();
            }
            byte[] b = tail.get();
            rest = text.substring(0, lastColon + 1)
                    + String.format("%x:%x", (b[0] & 255) << 8 | (b[1] & 255), (b[2] & 255) << 8 | (b[3] & 255));
        }
        int gap = rest.indexOf("::");
        String[] head = groups(gap < 0 ? rest : rest.substring(0, gap));
        String[] tail = gap < 0 ? new String[0] : groups(rest.substring(gap + 2));
        int count = head.length + tail.length;
        if (gap < 0 ? count != 8 : count > 7) {
            return Optional.empty();
        }
        byte[] bytes = new byte[16];
        for (int i = 0; i < count; i++) {
            String group = i < head.length ? head[i] : tail[i - head.length];
            int at = i < head.length ? i : 8 - count + i;
            if (!group.matches("[0-9a-fA-F]{1,4}")) {
                return Optional.empty();
            }
            int value = Integer.parseInt(group, 16);
            bytes[2 * at] = (byte) (value >> 8);
            bytes[2 * at + 1] = (byte) value;
        }
        return Optional.of(bytes);
    }

    private static String[] groups(String text) {
        return text.isEmpty() ? new String[0] : text.split(":", -1);
    }
}
