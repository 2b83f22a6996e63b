package io.denywatch.denial;

/** Stub until the denial room is merged: delete. */
public record DenialLimits(
        int loadBalancersMax,
        int sourcesPerLoadBalancerMax,
        int exportedPerLoadBalancer,
        int ipv6PrefixLength,
        int portsPerLoadBalancerMax) {
    public static final DenialLimits DEFAULTS = new DenialLimits(256, 1024, 20, 64, 64);
}
