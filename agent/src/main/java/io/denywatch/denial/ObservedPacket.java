package io.denywatch.denial;

import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.PacketHeader;
import org.jspecify.annotations.Nullable;

/**
 * One denied packet: what its line says and, after {@link DenialTable#record}, where it was counted. Confined to the
 * ingest thread. The next packet overwrites it, so copy the values you need before returning.
 */
public final class ObservedPacket {
    /** The lowest port that Linux gives to outgoing connections by default: {@code net.ipv4.ip_local_port_range}. */
    public static final int EPHEMERAL_PORT_MIN = 32_768;

    /** The highest port that Linux gives to outgoing connections by default. */
    public static final int EPHEMERAL_PORT_MAX = 60_999;

    /** The highest port of a well-known service: DNS, NTP, HTTPS with QUIC. */
    public static final int WELL_KNOWN_PORT_MAX = 1_023;

    /** The port of a packet without one, such as an ICMP message or a later fragment. */
    public static final int NO_PORT = PacketHeader.NONE;

    private static final int HANDSHAKE = PacketHeader.SYN | PacketHeader.ACK;
    private static final int ENDS = PacketHeader.FIN | PacketHeader.RST;
    private static final DeniedPacket NO_LINE = new DeniedPacket();

    /** How a packet's time relates to the time at which its line was read. */
    public enum EventTime {
        /** The line was read soon after it was written. */
        CURRENT,
        /** The line was read long after it was written, as in a backlog. */
        LATE,
        /** The time cannot be right. */
        DOUBTFUL
    }

    private DeniedPacket line = NO_LINE;
    private boolean sourceGenuine = true;
    private long sourceHigh;
    private long sourceLow;
    private long destinationHigh;
    private long destinationLow;
    private Transport transport = Transport.OTHER;
    private int sourcePort;
    private int port;
    private int tcpFlags;
    private int packets = 1;
    private long bytes;
    private EventTime eventTime = EventTime.CURRENT;
    private long micros;
    private @Nullable BlockOrigin stoppedBy;

    private long targetHigh;
    private long targetLow;
    private boolean atLoadBalancer;
    private boolean exposed;

    /** Takes all values from a line, which must stay valid while this is used. */
    public ObservedPacket of(DeniedPacket parsed) {
        PacketHeader header = parsed.outer();
        line = parsed;
        sourceGenuine = header.isSourceGenuine();
        stoppedBy = null;
        return from(header.sourceHigh(), header.sourceLow())
                .to(header.destinationHigh(), header.destinationLow())
                .with(Transport.of(header.protocol()), header.sourcePort(), header.destinationPort(), header.tcpFlags())
                .times(parsed.repeat(), Math.max(0, header.length()));
    }

    /** Sets the address that it came from; an IPv6 address is not shortened. */
    public ObservedPacket from(long high, long low) {
        sourceHigh = high;
        sourceLow = low;
        return this;
    }

    /** Sets the address that it was sent to. */
    public ObservedPacket to(long high, long low) {
        destinationHigh = high;
        destinationLow = low;
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
     * Sets how many packets the line stands for.
     *
     * @param bytesEach bytes of each packet
     */
    public ObservedPacket times(int count, long bytesEach) {
        packets = count;
        bytes = bytesEach * count;
        return this;
    }

    /** Sets the Unix time in microseconds, from 0 to 2^32-1 seconds. */
    public ObservedPacket at(long time, EventTime relation) {
        micros = time;
        eventTime = relation;
        return this;
    }

    /** Sets that its source was on the blocklist, and who put it there. */
    void stoppedBy(BlockOrigin origin) {
        stoppedBy = origin;
    }

    /** Who put its source on the blocklist; null if it is not known to have been there. */
    @Nullable
    BlockOrigin stoppedBy() {
        return stoppedBy;
    }

    /** Whether it can be said that the blocklist stopped it: it was sent recently, by the source that it names. */
    boolean mayBeAttributed() {
        return eventTime != EventTime.LATE && sourceGenuine;
    }

    /**
     * Sets where it was counted.
     *
     * @param high first half of the load balancer's address, or of the destination if that is no load balancer
     * @param low second half
     * @param loadBalancer whether it was counted at a load balancer
     * @param known whether that is known to expose the port
     */
    public ObservedPacket countedAt(long high, long low, boolean loadBalancer, boolean known) {
        targetHigh = high;
        targetLow = low;
        atLoadBalancer = loadBalancer;
        exposed = known;
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

    long destinationHigh() {
        return destinationHigh;
    }

    long destinationLow() {
        return destinationLow;
    }

    /** The protocol. */
    public Transport transport() {
        return transport;
    }

    /** The source port, or {@link #NO_PORT}. */
    public int sourcePort() {
        return sourcePort;
    }

    /** The destination port in the packet, or {@link #NO_PORT}. */
    public int port() {
        return port;
    }

    /** How many packets the line stands for. */
    int packets() {
        return packets;
    }

    /** Bytes of all these packets. */
    long bytes() {
        return bytes;
    }

    /** Whether the line was read long after it was written. */
    boolean isLate() {
        return eventTime == EventTime.LATE;
    }

    /** Unix time in microseconds. */
    public long micros() {
        return micros;
    }

    /** First half of the address it was counted at: of the load balancer, or else of the destination. */
    public long targetHigh() {
        return targetHigh;
    }

    /** Second half of that address. */
    public long targetLow() {
        return targetLow;
    }

    /** Whether it was counted at a load balancer. */
    public boolean atLoadBalancer() {
        return atLoadBalancer;
    }

    /** The text of its line, as {@link DeniedPacket#lineText} returns it. */
    public String lineText() {
        return line.lineText();
    }

    /**
     * Whether it may lead to a block: its time must be credible and recent, its source address genuine, and its source
     * not blocked already. Everything that a single packet shows is decided here; the rest depends on its source and the
     * cluster.
     */
    public boolean mayLeadToBlock() {
        return eventTime == EventTime.CURRENT && sourceGenuine && stoppedBy == null;
    }

    /** Whether it asks for a TCP connection. */
    public boolean isConnectionAttempt() {
        return transport == Transport.TCP && (tcpFlags & HANDSHAKE) == PacketHeader.SYN;
    }

    /**
     * Whether it looks like the reply of a server that this node called. Such replies are logged when they arrive after
     * conntrack has forgotten the connection, one or more for each port that the node called from. They go from a
     * service's port to a port that Linux gives to outgoing connections and that no load balancer is known to expose:
     *
     * <ul>
     *   <li>TCP from below {@link #EPHEMERAL_PORT_MIN}, with the flags of the side that was called: RST, or ACK, or SYN
     *       and ACK together in the handshake. A packet with neither RST nor ACK (FIN, NULL and Xmas scans) is no
     *       reply.
     *   <li>UDP, which has no flags, from {@link #WELL_KNOWN_PORT_MAX} or below.
     * </ul>
     *
     * <p>A scanner may choose its source port and flags to match, but then it sees only ports at which no server
     * listens.
     */
    public boolean isReply() {
        if (port < EPHEMERAL_PORT_MIN || port > EPHEMERAL_PORT_MAX || exposed || sourcePort <= 0) {
            return false;
        }
        return switch (transport) {
            case TCP -> sourcePort < EPHEMERAL_PORT_MIN && isFromCalledSide(tcpFlags);
            case UDP -> sourcePort <= WELL_KNOWN_PORT_MAX;
            case ICMP, OTHER -> false;
        };
    }

    private static boolean isFromCalledSide(int flags) {
        return (flags & PacketHeader.SYN) == 0
                ? (flags & (PacketHeader.ACK | PacketHeader.RST)) != 0
                : (flags & (HANDSHAKE | ENDS)) == HANDSHAKE;
    }
}
