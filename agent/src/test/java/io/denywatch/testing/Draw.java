package io.denywatch.testing;

import java.util.SplittableRandom;
import org.jspecify.annotations.NullMarked;

/** Random pieces of text from a seed. Confined to the thread that draws. */
@NullMarked
final class Draw {
    private final SplittableRandom random;

    Draw(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Once in {@code n} times. */
    boolean chance(int n) {
        return random.nextInt(n) == 0;
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    String pick(String... from) {
        return from[random.nextInt(from.length)];
    }

    /** A number from 0 to {@code max}; each end once in sixteen draws. */
    long upTo(long max) {
        return switch (random.nextInt(16)) {
            case 0 -> 0;
            case 1 -> max;
            default -> random.nextLong(max + 1);
        };
    }

    String digits(int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append(random.nextInt(10));
        }
        return digits.toString();
    }

    /** Lower-case hexadecimal digits. */
    String hex(int count) {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < count; i++) {
            digits.append(Character.forDigit(random.nextInt(16), 16));
        }
        return digits.toString();
    }

    String mac(int bytes) {
        StringBuilder mac = new StringBuilder(hex(2));
        for (int i = 1; i < bytes; i++) {
            mac.append(':').append(hex(2));
        }
        return mac.toString();
    }

    String ipv4Text() {
        return upTo(255) + "." + upTo(255) + "." + upTo(255) + "." + upTo(255);
    }

    /** The kernel's 39 bytes, with runs of zero groups; sometimes an IPv4-mapped address. */
    String ipv6Text() {
        if (chance(12)) {
            return "0000:0000:0000:0000:0000:ffff:" + hex(4) + ":" + hex(4);
        }
        StringBuilder address = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            address.append(i == 0 ? "" : ":").append(chance(2) ? "0000" : hex(4));
        }
        return address.toString();
    }
}
