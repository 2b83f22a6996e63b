package io.denywatch.policy;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A set of whole numbers (addresses, ports, protocols) as intervals of unsigned 128-bit numbers, in ascending order and
 * with a gap between any two. The time of all operations is proportional to the number of intervals.
 */
public final class Intervals {
    public static final Intervals NONE = new Intervals(new long[0]);

    private static final Intervals IPV4 = block(IpPrefix.parse("0.0.0.0/0"));
    private static final Intervals IPV6 = block(IpPrefix.parse("::/0"));

    /** The words of an interval: two for its first number and two for its last. */
    private static final int WORDS = 4;

    private final long[] words;

    private Intervals(long[] words) {
        this.words = words;
    }

    /** All addresses of an IP version. */
    public static Intervals all(int ipVersion) {
        return ipVersion == 4 ? IPV4 : IPV6;
    }

    public static Intervals between(long first, long last) {
        return new Intervals(new long[] {0, first, 0, last});
    }

    /** The addresses in the block, as numbers. */
    public static Intervals block(IpPrefix block) {
        Ip network = block.network();
        return new Intervals(new long[] {
            network.high(),
            network.low(),
            network.high() | ~IpPrefix.highMask(block.length()),
            network.low() | ~IpPrefix.lowMask(block.length())
        });
    }

    /** The addresses of the blocks that are of this IP version, as 128-bit numbers. */
    public static Intervals addresses(List<IpPrefix> prefixes, int ipVersion) {
        return union(prefixes.stream()
                .filter(prefix -> ipVersion(prefix) == ipVersion)
                .sorted(Comparator.comparing(IpPrefix::network))
                .map(Intervals::block)
                .toList());
    }

    /** 4 for a block of IPv4 addresses, else 6. */
    public static int ipVersion(IpPrefix prefix) {
        return prefix.isIpv4() ? 4 : 6;
    }

    /** The ports of all ranges; named ports are left out. */
    public static Intervals ports(List<Port> ports) {
        return union(ports.stream()
                .filter(Port.PortRange.class::isInstance)
                .map(Port.PortRange.class::cast)
                .sorted(Comparator.comparingInt(Port.PortRange::first))
                .map(range -> between(range.first(), range.last()))
                .toList());
    }

    /** The union of single intervals, which must be in the order of their first numbers. */
    private static Intervals union(List<Intervals> singles) {
        Builder merged = new Builder(singles.size());
        for (Intervals single : singles) {
            long[] next = single.words;
            int last = merged.length - 2;
            if (last > 0 && follows(merged.words, last, next)) {
                if (compare(merged.words, last, next, 2) < 0) {
                    merged.words[last] = next[2];
                    merged.words[last + 1] = next[3];
                }
            } else {
                merged.add(next, 0, next, 2);
            }
        }
        return merged.built();
    }

    /** Whether there is no gap between the last number of one and the first of the next. */
    private static boolean follows(long[] before, int last, long[] next) {
        if (compare(next, 0, before, last) <= 0) {
            return true;
        }
        long low = next[1] - 1;
        return before[last + 1] == low && before[last] == (next[1] == 0 ? next[0] - 1 : next[0]);
    }

    public boolean isEmpty() {
        return words.length == 0;
    }

    /** The number of intervals. */
    public int count() {
        return words.length / WORDS;
    }

    /** The number of numbers in it. */
    public BigInteger size() {
        BigInteger size = BigInteger.ZERO;
        for (int i = 0; i < words.length; i += WORDS) {
            size = size.add(number(i + 2)).subtract(number(i)).add(BigInteger.ONE);
        }
        return size;
    }

    private BigInteger number(int at) {
        return unsigned(words[at]).shiftLeft(64).or(unsigned(words[at + 1]));
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    /** Whether a number is in both. */
    public boolean meets(Intervals other) {
        int i = 0;
        int j = 0;
        while (i < words.length && j < other.words.length) {
            if (compare(words, i + 2, other.words, j) < 0) {
                i += WORDS;
            } else if (compare(other.words, j + 2, words, i) < 0) {
                j += WORDS;
            } else {
                return true;
            }
        }
        return false;
    }

    /** Whether it contains all numbers of the other one. */
    public boolean covers(Intervals other) {
        int i = 0;
        for (int j = 0; j < other.words.length; j += WORDS) {
            while (i < words.length && compare(words, i + 2, other.words, j) < 0) {
                i += WORDS;
            }
            if (i == words.length
                    || compare(words, i, other.words, j) > 0
                    || compare(words, i + 2, other.words, j + 2) < 0) {
                return false;
            }
        }
        return true;
    }

    public Intervals and(Intervals other) {
        Builder shared = new Builder(Math.max(count(), other.count()));
        int i = 0;
        int j = 0;
        while (i < words.length && j < other.words.length) {
            boolean startsHere = compare(words, i, other.words, j) >= 0;
            long[] first = startsHere ? words : other.words;
            int at = startsHere ? i : j;
            boolean endsHere = compare(words, i + 2, other.words, j + 2) <= 0;
            long[] last = endsHere ? words : other.words;
            int end = endsHere ? i + 2 : j + 2;
            if (compare(first, at, last, end) <= 0) {
                shared.add(first, at, last, end);
            }
            if (endsHere) {
                i += WORDS;
            } else {
                j += WORDS;
            }
        }
        return shared.built();
    }

    public Intervals minus(Intervals other) {
        return other.isEmpty() ? this : and(other.complement());
    }

    private Intervals complement() {
        long[] gaps = new long[words.length + WORDS]; // from 0 to the largest number, with every interval cut out
        gaps[gaps.length - 2] = -1;
        gaps[gaps.length - 1] = -1;
        for (int i = 0; i < words.length; i += WORDS) {
            gaps[i + 2] = words[i + 1] == 0 ? words[i] - 1 : words[i];
            gaps[i + 3] = words[i + 1] - 1;
            gaps[i + 4] = words[i + 3] == -1 ? words[i + 2] + 1 : words[i + 2];
            gaps[i + 5] = words[i + 3] + 1;
        }
        boolean fromStart = words[0] == 0 && words[1] == 0;
        boolean toEnd = words[words.length - 2] == -1 && words[words.length - 1] == -1;
        return new Intervals(Arrays.copyOfRange(
                gaps, fromStart ? WORDS : 0, Math.max(fromStart ? WORDS : 0, gaps.length - (toEnd ? WORDS : 0))));
    }

    private static int compare(long[] these, int at, long[] those, int there) {
        int byHigh = Long.compareUnsigned(these[at], those[there]);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(these[at + 1], those[there + 1]);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Intervals that && Arrays.equals(words, that.words);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(words);
    }

    /** Intervals in ascending order, one after the other. */
    private static final class Builder {
        private long[] words;
        private int length;

        Builder(int count) {
            words = new long[WORDS * count];
        }

        void add(long[] first, int at, long[] last, int end) {
            if (length == words.length) {
                words = Arrays.copyOf(words, Math.max(WORDS, 2 * length));
            }
            words[length++] = first[at];
            words[length++] = first[at + 1];
            words[length++] = last[end];
            words[length++] = last[end + 1];
        }

        Intervals built() {
            return length == 0 ? NONE : new Intervals(Arrays.copyOf(words, length));
        }
    }
}
