package io.denywatch.blocklist;

import io.denywatch.denial.PacketObserver;
import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;

/** A packet, as tests write it down. */
record Sent(Ip source, Transport transport, int port, Ip destination, boolean atLoadBalancer, long micros) {
    static final long SECOND = 1_000_000;

    static final Ip LOAD_BALANCER = Ip.parse("192.0.2.1");

    /** A TCP packet to a load balancer, in the middle of a second. */
    static Sent tcp(String source, int port, long second) {
        return new Sent(Ip.parse(source), Transport.TCP, port, LOAD_BALANCER, true, second * SECOND + SECOND / 2);
    }

    Sent over(Transport other) {
        return new Sent(source, other, port, destination, atLoadBalancer, micros);
    }

    Sent to(String other, boolean isLoadBalancer) {
        return new Sent(source, transport, port, Ip.parse(other), isLoadBalancer, micros);
    }

    long second() {
        return Math.floorDiv(micros, SECOND);
    }

    void to(PacketObserver observer) {
        observer.packet(
                source.high(),
                source.low(),
                transport,
                port,
                destination.high(),
                destination.low(),
                atLoadBalancer,
                micros);
    }
}
