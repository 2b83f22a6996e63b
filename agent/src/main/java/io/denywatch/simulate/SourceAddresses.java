package io.denywatch.simulate;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;

/** Assigns an address to each source number of a simulation: a public one for IPv4, a documentation /64 for IPv6. */
final class SourceAddresses {
    /** The largest possible number of sources. */
    static final int MAX = Permutation.SIZE;

    private static final int FIRST_OCTETS = 128;
    private static final int IPV6_LENGTH = 64;
    private static final long IPV6_NETWORK = 0x2001_0db8_0000_0000L;

    private final byte[] firstOctets = new byte[FIRST_OCTETS];
    private static final int BOTNET_OCTET = 160; // above those of all other sources

    private final Permutation order;
    private final int firstBot;
    private final int botnet;

    /**
     * @param firstBot the number of the first member of the botnet; up to 254 follow
     */
    SourceAddresses(long seed, int firstBot) {
        order = new Permutation(seed);
        this.firstBot = firstBot;
        botnet = (BOTNET_OCTET << 24) | ((Permutation.mix((int) seed) & 0xffff) << 8);
        int count = 0;
        for (int octet = 23; count < FIRST_OCTETS; octet++) {
            // Leaves out octets of private and special addresses.
            if (octet != 100 && octet != 127 && !(octet >= 169 && octet <= 172)) {
                firstOctets[count++] = (byte) octet;
            }
        }
    }

    /** The 32 bits of a source's IPv4 address. The last octet is never 0 or 255. */
    int ipv4(int source) {
        if (source >= firstBot) {
            return botnet | (1 + source - firstBot);
        }
        int number = order.at(source);
        int filler = Permutation.mix(number) & 0x7f;
        int last = (number & 1) << 7 | filler;
        return firstOctets[number >>> 17] << 24
                | (number >>> 1 & 0xffff) << 8
                | (last == 0 ? 1 : last == 255 ? 254 : last);
    }

    /** The first 64 bits of a source's IPv6 addresses. */
    long ipv6(int source) {
        return IPV6_NETWORK | order.at(source);
    }

    /** The source's name in a report: its address, or its IPv6 prefix. */
    IpPrefix reported(int source, boolean inIpv6) {
        return inIpv6 ? new IpPrefix(new Ip(ipv6(source), 0), IPV6_LENGTH) : IpPrefix.of(Ip.ofIpv4(ipv4(source)));
    }
}
