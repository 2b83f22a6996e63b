package io.denywatch.ip;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A block of addresses: all that share the first {@code length} of 128 bits.
 *
 * @param network the block's first address: no bit after the prefix is set
 * @param length in bits of the 128-bit form, 0 to 128: an IPv4 {@code /24} is 120
 */
public record IpPrefix(Ip network, int length) {
    /** IPv4 before IPv6, then by address; of two nested blocks, the wider one comes first. */
    public static final Comparator<IpPrefix> ORDER = Comparator.comparing((IpPrefix block) -> !block.isIpv4())
            .thenComparing(IpPrefix::network)
            .thenComparingInt(IpPrefix::length);

    private static final int IPV4_OFFSET = 96;

    /** Checks that the length is in range and that no bit after the prefix is set. */
    public IpPrefix {
        if (length < 0 || length > 128) {
            throw new IllegalArgumentException("prefix length must be 0 to 128: " + length);
        }
        if ((network.high() & ~highMask(length)) != 0 || (network.low() & ~lowMask(length)) != 0) {
            throw new IllegalArgumentException(network + " has bits set after the prefix");
        }
    }

    /** The block that contains only this address. */
    public static IpPrefix of(Ip address) {
        return new IpPrefix(address, 128);
    }

    /**
     * Reads {@code 192.0.2.0/24}, {@code 2001:db8::/32}, or a bare address, which is a block of one.
     *
     * @throws IllegalArgumentException if the text is none of these; the message contains the text and the reason
     */
    public static IpPrefix parse(String text) {
        IpPrefix block = masked(text);
        if (!block.network.equals(address(text))) {
            throw new IllegalArgumentException("\"" + text + "\" has bits set after the prefix; the block is " + block);
        }
        return block;
    }

    /**
     * Reads a block as Calico and Kubernetes do: the address may have bits set after the prefix, and the length may have
     * leading zeros. Empty if the text is not a block.
     */
    public static Optional<IpPrefix> covering(String text) {
        try {
            return Optional.of(masked(text.replaceFirst("/0+(?=[0-9])", "/")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Ip address(String text) {
        int slash = text.indexOf('/');
        return Ip.parse(slash < 0 ? text : text.substring(0, slash));
    }

    private static IpPrefix masked(String text) {
        Ip address = address(text);
        int slash = text.indexOf('/');
        int width = address.isIpv4() ? 32 : 128;
        int bits = slash < 0 ? width : parseLength(text.substring(slash + 1), width);
        if (bits < 0) {
            throw new IllegalArgumentException("\"" + text + "\" has no prefix length from 0 to " + width);
        }
        int length = bits + 128 - width;
        return new IpPrefix(new Ip(address.high() & highMask(length), address.low() & lowMask(length)), length);
    }

    /** The length, or -1 if the text is not a number from 0 to {@code max} in plain digits. */
    private static int parseLength(String digits, int max) {
        boolean plain = !digits.isEmpty()
                && digits.length() <= 3
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (digits.charAt(0) != '0' || digits.length() == 1);
        int value = plain ? Integer.parseInt(digits) : -1;
        return value <= max ? value : -1;
    }

    /** The mask for the first 64 bits of a prefix of this length. */
    public static long highMask(int length) {
        return length == 0 ? 0 : length >= 64 ? -1L : -1L << (64 - length);
    }

    /** The mask for the last 64 bits of a prefix of this length. */
    public static long lowMask(int length) {
        return length <= 64 ? 0 : length == 128 ? -1L : -1L << (128 - length);
    }

    /** Whether the block contains the address with these bits. */
    public boolean contains(long high, long low) {
        return (high & highMask(length)) == network.high() && (low & lowMask(length)) == network.low();
    }

    /**
     * Whether this is a block of IPv4 addresses. IPv6 blocks contain none of these, although both are stored alike: no
     * block that is wider than all of IPv4 begins with an IPv4 address.
     */
    public boolean isIpv4() {
        return network.isIpv4();
    }

    /** Whether the blocks have an address in common; one of them then contains the other. */
    public boolean overlaps(IpPrefix other) {
        if (isIpv4() != other.isIpv4()) {
            return false;
        }
        return length <= other.length
                ? contains(other.network.high(), other.network.low())
                : other.contains(network.high(), network.low());
    }

    /** What remains of the block without these others, as blocks; empty if they cover all of it. */
    public Stream<IpPrefix> minus(List<IpPrefix> others) {
        List<IpPrefix> inside = others.stream().filter(this::overlaps).toList();
        if (inside.isEmpty()) {
            return Stream.of(this);
        }
        if (inside.stream().anyMatch(other -> other.length <= length)) {
            return Stream.empty();
        }
        return halves().filter(half -> half.isIpv4() == isIpv4()).flatMap(half -> half.minus(inside));
    }

    private Stream<IpPrefix> halves() {
        int half = length + 1;
        Ip second = new Ip(
                network.high() | (highMask(half) & ~highMask(length)),
                network.low() | (lowMask(half) & ~lowMask(length)));
        return Stream.of(new IpPrefix(network, half), new IpPrefix(second, half));
    }

    /** Whether the block is a single address. */
    public boolean isSingle() {
        return length == 128;
    }

    /** The text for people: the address if it is a single one, else the block in CIDR notation. */
    public String compact() {
        return isSingle() ? network.toString() : toString();
    }

    /** The block in CIDR notation, also for a single address. */
    @Override
    public String toString() {
        return network + "/" + (isIpv4() ? length - IPV4_OFFSET : length);
    }
}
