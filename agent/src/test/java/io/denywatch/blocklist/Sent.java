package io.denywatch.blocklist;

import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.ObservedPacket.EventTime;
import io.denywatch.denial.Transport;
import io.denywatch.detection.PacketObserver;
import io.denywatch.ip.Ip;
import io.denywatch.packet.PacketHeader;

/** A packet, as tests write it down. */
public record Sent(
        Ip source,
        Transport transport,
        int sourcePort,
        int port,
        int tcpFlags,
        Ip destination,
        boolean atLoadBalancer,
        long micros) {
    public static final long SECOND = 1_000_000;

    /** What a client's system chose. */
    static final int CLIENT_PORT = 50_123;

    public static final Ip LOAD_BALANCER = Ip.parse("192.0.2.1");

    /** A packet of a client; where it is TCP, it asks for a connection. */
    public Sent(Ip source, Transport transport, int port, Ip destination, boolean atLoadBalancer, long micros) {
        this(
                source,
                transport,
                port < 0 ? -1 : CLIENT_PORT,
                port,
                transport == Transport.TCP ? PacketHeader.SYN : 0,
                destination,
                atLoadBalancer,
                micros);
    }

    /** A TCP packet to a load balancer, in the middle of a second. */
    public static Sent tcp(String source, int port, long second) {
        return new Sent(Ip.parse(source), Transport.TCP, port, LOAD_BALANCER, true, second * SECOND + SECOND / 2);
    }

    public Sent over(Transport other) {
        return new Sent(source, other, port, destination, atLoadBalancer, micros);
    }

    public Sent to(String other, boolean isLoadBalancer) {
        return new Sent(source, transport, sourcePort, port, tcpFlags, Ip.parse(other), isLoadBalancer, micros);
    }

    /** The same from another port, with these flags. */
    public Sent from(int fromPort, int flags) {
        return new Sent(source, transport, fromPort, port, flags, destination, atLoadBalancer, micros);
    }

    /** The same at another time. */
    public Sent at(long otherMicros) {
        return new Sent(source, transport, sourcePort, port, tcpFlags, destination, atLoadBalancer, otherMicros);
    }

    public long second() {
        return Math.floorDiv(micros, SECOND);
    }

    public ObservedPacket observed() {
        return new ObservedPacket()
                .from(source.high(), source.low())
                .with(transport, sourcePort, port, tcpFlags)
                .countedAt(destination.high(), destination.low(), atLoadBalancer, false)
                .at(micros, EventTime.CURRENT);
    }

    public void to(PacketObserver observer) {
        observer.packet(observed());
    }
}
