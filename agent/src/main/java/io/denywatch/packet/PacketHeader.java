package io.denywatch.packet;

import io.denywatch.ip.Ip;

/**
 * The fields that the kernel prints for one IP packet and its transport header. Confined to the thread that parses. The
 * parser overwrites it for each line.
 *
 * <p>A field that the line does not have is {@link #NONE}. IPv6 fields are under the names of the corresponding IPv4
 * fields: {@code HOPLIMIT} is {@code ttl}, {@code TC} is {@code tos}.
 */
public final class PacketHeader {
    /** The value of a field that the line does not have. */
    public static final int NONE = -1;

    // Bits of tcpFlags, in the order in which the kernel prints them.
    /** Accurate ECN. */
    public static final int AE = 1 << 8;
    /** Congestion window reduced. */
    public static final int CWR = 1 << 7;
    /** ECN echo. */
    public static final int ECE = 1 << 6;
    /** Urgent pointer valid. */
    public static final int URG = 1 << 5;
    /** Acknowledgement. */
    public static final int ACK = 1 << 4;
    /** Push. */
    public static final int PSH = 1 << 3;
    /** Reset. */
    public static final int RST = 1 << 2;
    /** Synchronise. */
    public static final int SYN = 1 << 1;
    /** Finish. */
    public static final int FIN = 1;

    boolean ipv6;
    long sourceHigh;
    long sourceLow;
    long destinationHigh;
    long destinationLow;
    int length;
    int tos;
    int precedence;
    int ttl;
    long id;
    boolean dontFragment;
    boolean moreFragments;
    boolean reservedBit;
    int fragmentOffset;
    int protocol;
    int sourcePort;
    int destinationPort;
    int udpLength;
    int tcpFlags;
    int window;
    int icmpType;
    int icmpCode;
    long incompleteBytes;

    PacketHeader() {}

    void clear() {
        ipv6 = false;
        sourceHigh = 0;
        sourceLow = 0;
        destinationHigh = 0;
        destinationLow = 0;
        length = NONE;
        tos = NONE;
        precedence = NONE;
        ttl = NONE;
        id = NONE;
        dontFragment = false;
        moreFragments = false;
        reservedBit = false;
        fragmentOffset = NONE;
        protocol = NONE;
        sourcePort = NONE;
        destinationPort = NONE;
        udpLength = NONE;
        tcpFlags = 0;
        window = NONE;
        icmpType = NONE;
        icmpCode = NONE;
        incompleteBytes = NONE;
    }

    /** Whether the packet is IPv6. */
    public boolean isIpv6() {
        return ipv6;
    }

    /**
     * Whether the source address is genuine: an IPv6 packet may claim to come from {@code ::ffff:a.b.c.d}, but the
     * owner of that IPv4 address did not send it.
     */
    public boolean isSourceGenuine() {
        return !ipv6 || !Ip.isIpv4(sourceHigh, sourceLow);
    }

    /** The same for the destination address. */
    public boolean isDestinationGenuine() {
        return !ipv6 || !Ip.isIpv4(destinationHigh, destinationLow);
    }

    /** First 64 bits of the source address (see {@link Ip}). */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** Last 64 bits of the source address. */
    public long sourceLow() {
        return sourceLow;
    }

    /** First 64 bits of the destination address. */
    public long destinationHigh() {
        return destinationHigh;
    }

    /** Last 64 bits of the destination address. */
    public long destinationLow() {
        return destinationLow;
    }

    /** Bytes of the whole IP packet, above 65,535 for BIG TCP. */
    public int length() {
        return length;
    }

    /** Type of service without precedence (IPv4), or the traffic class (IPv6). */
    public int tos() {
        return tos;
    }

    /** IPv4 precedence bits, 0 to 224. */
    public int precedence() {
        return precedence;
    }

    /** Time to live, or the hop limit. */
    public int ttl() {
        return ttl;
    }

    /** IPv4 identification (16 bits), or the IPv6 fragment's (32 bits). */
    public long id() {
        return id;
    }

    /** IPv4 don't-fragment bit. */
    public boolean dontFragment() {
        return dontFragment;
    }

    /** More fragments follow. */
    public boolean moreFragments() {
        return moreFragments;
    }

    /** The reserved bit of the IPv4 fragment field, which the kernel prints as {@code CE}. */
    public boolean reservedBit() {
        return reservedBit;
    }

    /** Fragment offset as printed: units of eight bytes in IPv4, bytes in IPv6. */
    public int fragmentOffset() {
        return fragmentOffset;
    }

    /** IP protocol number, 0 to 255; {@link #NONE} where the kernel prints none. */
    public int protocol() {
        return protocol;
    }

    /** TCP, UDP or UDPLITE source port. */
    public int sourcePort() {
        return sourcePort;
    }

    /** TCP, UDP or UDPLITE destination port. */
    public int destinationPort() {
        return destinationPort;
    }

    /** Length field of the UDP header. */
    public int udpLength() {
        return udpLength;
    }

    /** Bits {@link #FIN} to {@link #AE}. */
    public int tcpFlags() {
        return tcpFlags;
    }

    /** TCP window as on the wire. */
    public int window() {
        return window;
    }

    /** ICMP or ICMPv6 type. */
    public int icmpType() {
        return icmpType;
    }

    /** ICMP or ICMPv6 code. */
    public int icmpCode() {
        return icmpCode;
    }

    /**
     * The length in bytes of a transport header that is too short to print, 0 to 2^32-1. The kernel's subtraction is
     * unsigned, so a packet shorter than its own IP header shows nearly 2^32.
     */
    public long incompleteBytes() {
        return incompleteBytes;
    }
}
