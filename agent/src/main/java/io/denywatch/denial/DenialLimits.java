package io.denywatch.denial;

/**
 * Limits of a {@link DenialTable}, and so of its memory. Immutable.
 *
 * @param loadBalancersMax load balancers with counts of their own, 1 to 4,096; the others are counted together
 * @param sourcesPerLoadBalancerMax sources tracked at each, 1 to 1,048,576
 * @param exportedPerLoadBalancer the most sources, and the most ports, of each in a snapshot, 0 to 1,000
 * @param ipv6PrefixLength bits that identify an IPv6 source, 1 to 128; IPv4 sources are never shortened
 * @param portsPerLoadBalancerMax pairs of protocol and port tracked at each, 1 to 1,048,576; from {@link #EVERY_PORT}
 *     on, each pair has its own counter, whose memory is allocated when it is needed
 */
public record DenialLimits(
        int loadBalancersMax,
        int sourcesPerLoadBalancerMax,
        int exportedPerLoadBalancer,
        int ipv6PrefixLength,
        int portsPerLoadBalancerMax) {
    static final int LOAD_BALANCERS_MAX = 4096;
    static final int TRACKED_MAX = 1 << 20;

    /** The number of pairs of protocol and port; a missing port counts as one more port. */
    public static final int EVERY_PORT = Transport.COUNT * 65_537;

    /** The defaults of an agent. */
    public static final DenialLimits DEFAULTS = new DenialLimits(256, 1024, 20, 64, 64);

    /** The most bytes that the tables can take, with all load balancers present and each row used. */
    public long tableBytesMax() {
        long each = (long) sourcesPerLoadBalancerMax * SourceTable.BYTES_PER_SOURCE
                + SourceTable.SKETCH_BYTES
                + (long) portsPerLoadBalancerMax * TopPorts.BYTES_PER_PORT;
        return (loadBalancersMax + 1L) * each;
    }

    /** Checks the ranges. */
    public DenialLimits {
        check("loadBalancersMax", loadBalancersMax, 1, LOAD_BALANCERS_MAX);
        check("sourcesPerLoadBalancerMax", sourcesPerLoadBalancerMax, 1, TRACKED_MAX);
        check("exportedPerLoadBalancer", exportedPerLoadBalancer, 0, 1000);
        check("ipv6PrefixLength", ipv6PrefixLength, 1, 128);
        check("portsPerLoadBalancerMax", portsPerLoadBalancerMax, 1, TRACKED_MAX);
    }

    private static void check(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + " must be " + min + " to " + max + ": " + value);
        }
    }
}
