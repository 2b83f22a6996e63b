package io.denywatch.denial;

/** Stub until the denial room is merged: delete. */
public record DenialLimits(
        int loadBalancersMax,
        int sourcesPerLoadBalancerMax,
        int exportedPerLoadBalancer,
        int ipv6PrefixLength,
        int portsPerLoadBalancerMax) {}
