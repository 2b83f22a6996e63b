package io.denywatch.simulate;

/** What kind of traffic a simulation makes. */
enum Scenario {
    /** Internet background noise: several load balancers, a few busy sources, many quiet ones, and some odd packets. */
    BACKGROUND(0),
    /** One source scans the ports of several load balancers, on top of the background. */
    SCAN(512),
    /** A few sources send most packets to one port of one load balancer, on top of the background. */
    FLOOD(960),
    /** Many sources of one /24 each send a few packets to one port, on top of the background. */
    BOTNET(512),
    /** Each packet to one load balancer has a different source, until all sources have had their turn. */
    SPOOFED(1024);

    private final int share;

    Scenario(int share) {
        this.share = share;
    }

    /** How many of 1,024 packets are not background. */
    int share() {
        return share;
    }
}
