package io.denywatch.policy;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A set of whole numbers (addresses, ports, protocols) as intervals.
 *
 * @param parts in ascending order, with a gap between any two
 */
record Intervals(List<Interval> parts) {
    static final Intervals NONE = new Intervals(List.of());

    /**
     * Whole numbers in a row.
     *
     * @param first the least
     * @param last the greatest, not less than {@code first}
     */
    record Interval(BigInteger first, BigInteger last) {}

    Intervals {
        parts = List.copyOf(parts);
    }

    static Intervals between(long first, long last) {
        return new Intervals(List.of(new Interval(BigInteger.valueOf(first), BigInteger.valueOf(last))));
    }

    /** The addresses of the blocks that are of this IP version, as 128-bit numbers. */
    static Intervals addresses(List<IpPrefix> prefixes, int ipVersion) {
        return union(prefixes.stream()
                .filter(prefix -> ipVersion(prefix) == ipVersion)
                .map(prefix -> new Interval(
                        number(prefix.network()),
                        number(new Ip(
                                prefix.network().high() | ~IpPrefix.highMask(prefix.length()),
                                prefix.network().low() | ~IpPrefix.lowMask(prefix.length())))))
                .toList());
    }

    /** 4 for a block of IPv4 addresses, else 6. */
    static int ipVersion(IpPrefix prefix) {
        return prefix.network().isIpv4() && prefix.length() >= 96 ? 4 : 6;
    }

    static BigInteger number(Ip address) {
        return unsigned(address.high()).shiftLeft(64).or(unsigned(address.low()));
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    /** All numbers of the ranges; names are passed over. */
    static Intervals ports(List<Port> ports) {
        return union(ports.stream()
                .filter(Port.Range.class::isInstance)
                .map(Port.Range.class::cast)
                .map(range -> new Interval(BigInteger.valueOf(range.first()), BigInteger.valueOf(range.last())))
                .toList());
    }

    private static Intervals union(List<Interval> intervals) {
        List<Interval> merged = new ArrayList<>();
        for (Interval next :
                intervals.stream().sorted(Comparator.comparing(Interval::first)).toList()) {
            Interval before = merged.isEmpty() ? null : merged.getLast();
            if (before != null && next.first.compareTo(before.last.add(BigInteger.ONE)) <= 0) {
                merged.set(merged.size() - 1, new Interval(before.first, before.last.max(next.last)));
            } else {
                merged.add(next);
            }
        }
        return new Intervals(merged);
    }

    boolean isEmpty() {
        return parts.isEmpty();
    }

    /** How many numbers there are in it. */
    BigInteger size() {
        return parts.stream()
                .map(part -> part.last.subtract(part.first).add(BigInteger.ONE))
                .reduce(BigInteger.ZERO, BigInteger::add);
    }

    boolean contains(BigInteger number) {
        return parts.stream().anyMatch(part -> part.first.compareTo(number) <= 0 && part.last.compareTo(number) >= 0);
    }

    Intervals and(Intervals other) {
        List<Interval> shared = new ArrayList<>();
        for (Interval here : parts) {
            for (Interval there : other.parts) {
                BigInteger first = here.first.max(there.first);
                BigInteger last = here.last.min(there.last);
                if (first.compareTo(last) <= 0) {
                    shared.add(new Interval(first, last));
                }
            }
        }
        return new Intervals(shared);
    }

    Intervals minus(Intervals other) {
        List<Interval> left = new ArrayList<>();
        for (Interval part : parts) {
            BigInteger first = part.first;
            for (Interval cut : other.parts) {
                if (cut.last.compareTo(first) < 0 || cut.first.compareTo(part.last) > 0) {
                    continue;
                }
                if (cut.first.compareTo(first) > 0) {
                    left.add(new Interval(first, cut.first.subtract(BigInteger.ONE)));
                }
                first = cut.last.add(BigInteger.ONE);
            }
            if (first.compareTo(part.last) <= 0) {
                left.add(new Interval(first, part.last));
            }
        }
        return new Intervals(left);
    }
}
