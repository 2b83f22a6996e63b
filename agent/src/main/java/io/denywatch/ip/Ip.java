package io.denywatch.ip;

/**
 * An IP address as 128 bits in network order. An IPv4 address is stored in its IPv4-mapped IPv6 form (RFC 4291, section
 * 2.5.5.2), so that no other code depends on the family. Hot code passes the two longs, cold code this record.
 *
 * @param high the first 64 bits
 * @param low the last 64 bits
 */
public record Ip(long high, long low) implements Comparable<Ip> {
    /** Bits 64 to 95 of every IPv4 address in this form: {@code ::ffff:0:0}. */
    public static final long IPV4_MAPPED_LOW = 0x0000_ffff_0000_0000L;

    /** The address with these 32 bits. */
    public static Ip ofIpv4(int bits) {
        return new Ip(0, IPV4_MAPPED_LOW | Integer.toUnsignedLong(bits));
    }

    /**
     * Reads an address in text: dotted IPv4 without leading zeros, or IPv6 as RFC 4291, section 2.2, allows it.
     *
     * @throws IllegalArgumentException if the text is not an address; the message contains the text
     */
    public static Ip parse(String text) {
        return IpText.parse(text);
    }

    /** Whether these bits are an IPv4-mapped address. */
    public static boolean isIpv4(long high, long low) {
        return high == 0 && (low & 0xffff_ffff_0000_0000L) == IPV4_MAPPED_LOW;
    }

    /** Whether this is an IPv4 address. */
    public boolean isIpv4() {
        return isIpv4(high, low);
    }

    /** Orders by the 128 bits as an unsigned number. */
    @Override
    public int compareTo(Ip other) {
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** The canonical text: dotted for IPv4, RFC 5952 for IPv6. */
    @Override
    public String toString() {
        return isIpv4() ? IpText.ipv4((int) low) : IpText.ipv6(high, low);
    }
}
