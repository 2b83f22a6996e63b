package io.denywatch.simulate;

/** What kind of traffic a simulation makes. */
enum Scenario {
    /** The internet's noise: several load balancers, few sources with much and many with little, and a few oddities. */
    BACKGROUND(0),
    /** One source goes through the ports of several load balancers, above the background. */
    SCAN(512),
    /** A few sources send most packets to one port of one load balancer, above the background. */
    FLOOD(960),
    /** Each packet to one load balancer has another source, until all have had their turn. */
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
