package io.denywatch.denial;

import io.denywatch.packet.PacketHeader;

/**
 * What a {@link PacketObserver} is told of one packet. A flyweight: the next packet overwrites it, so take values out
 * within the call. Confined to the ingest thread.
 */
public final class ObservedPacket {
    /** The lowest port that Linux gives to outgoing connections by default: {@code net.ipv4.ip_local_port_range}. */
    public static final int EPHEMERAL_PORT_MIN = 32_768;

    /** The highest of them. */
    public static final int EPHEMERAL_PORT_MAX = 60_999;

    /** The highest port of a well-known service: DNS, NTP, HTTPS with QUIC. */
    public static final int WELL_KNOWN_PORT_MAX = 1_023;

    /** A port that a packet does not have: an ICMP message, a later fragment. */
    public static final int NO_PORT = PacketHeader.NONE;

    private static final int HANDSHAKE = PacketHeader.SYN | PacketHeader.ACK;
    private static final int ENDS = PacketHeader.FIN | PacketHeader.RST;

    private long sourceHigh;
    private long sourceLow;
    private Transport transport = Transport.OTHER;
    private int sourcePort;
    private int port;
    private int tcpFlags;
    private long nlbHigh;
    private long nlbLow;
    private boolean atLoadBalancer;
    private boolean exposed;
    private long micros;

    /** Sets the address that it came from, whole also in IPv6. */
    public ObservedPacket from(long high, long low) {
        sourceHigh = high;
        sourceLow = low;
        return this;
    }

    /** Sets protocol, ports or {@link #NO_PORT}, and the bits of {@link PacketHeader#tcpFlags}. */
    public ObservedPacket with(Transport protocol, int fromPort, int toPort, int flags) {
        transport = protocol;
        sourcePort = fromPort;
        port = toPort;
        tcpFlags = flags;
        return this;
    }

    /**
     * Sets where it went.
     *
     * @param high first half of the load balancer's address; of the destination where it went to none
     * @param low second half
     * @param loadBalancer whether it went to a load balancer that is told apart
     * @param known whether that is known to expose the port
     */
    public ObservedPacket to(long high, long low, boolean loadBalancer, boolean known) {
        nlbHigh = high;
        nlbLow = low;
        atLoadBalancer = loadBalancer;
        exposed = known;
        return this;
    }

    /** Sets the Unix time of the packet in microseconds. */
    public ObservedPacket at(long time) {
        micros = time;
        return this;
    }

    /** First half of the source's address. */
    public long sourceHigh() {
        return sourceHigh;
    }

    /** Second half of the source's address. */
    public long sourceLow() {
        return sourceLow;
    }

    /** The protocol. */
    public Transport transport() {
        return transport;
    }

    /** The source port, or {@link #NO_PORT}. */
    public int sourcePort() {
        return sourcePort;
    }

    /** The destination port as the packet had it, or {@link #NO_PORT}. */
    public int port() {
        return port;
    }

    /** First half of the load balancer's address; of the destination where it went to none. */
    public long nlbHigh() {
        return nlbHigh;
    }

    /** Second half of that address. */
    public long nlbLow() {
        return nlbLow;
    }

    /** Whether it went to a load balancer that is told apart. */
    public boolean atLoadBalancer() {
        return atLoadBalancer;
    }

    /** Unix time in microseconds. */
    public long micros() {
        return micros;
    }

    /** Whether it asks for a TCP connection. */
    public boolean isConnectionAttempt() {
        return transport == Transport.TCP && (tcpFlags & HANDSHAKE) == PacketHeader.SYN;
    }

    /**
     * Whether it looks like the reply of a server that this node called: such replies are logged when they come after
     * conntrack has forgotten the connection, one or more for each port that the node called from. They go from a
     * service's port to one that Linux gives to outgoing connections, and that no load balancer is known to expose:
     *
     * <ul>
     *   <li>TCP from below {@link #EPHEMERAL_PORT_MIN}, with the flags of one who was called: RST, or ACK and with it SYN
     *       only in the handshake. A packet with neither (FIN, NULL and Xmas scans) replies to nobody.
     *   <li>UDP, which has no flags to tell by, from {@link #WELL_KNOWN_PORT_MAX} at most.
     * </ul>
     *
     * <p>A scanner may choose its source port and flags, but then it sees nothing but ports at which no server listens.
     */
    public boolean isReply() {
        if (port < EPHEMERAL_PORT_MIN || port > EPHEMERAL_PORT_MAX || exposed || sourcePort <= 0) {
            return false;
        }
        return switch (transport) {
            case TCP -> sourcePort < EPHEMERAL_PORT_MIN && isOfOneCalled(tcpFlags);
            case UDP -> sourcePort <= WELL_KNOWN_PORT_MAX;
            case ICMP, OTHER -> false;
        };
    }

    private static boolean isOfOneCalled(int flags) {
        return (flags & PacketHeader.SYN) == 0
                ? (flags & (PacketHeader.ACK | PacketHeader.RST)) != 0
                : (flags & (HANDSHAKE | ENDS)) == HANDSHAKE;
    }
}
