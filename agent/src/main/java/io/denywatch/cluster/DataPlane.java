package io.denywatch.cluster;

import tools.jackson.databind.JsonNode;

/**
 * How a node's packets are filtered and logged, as FelixConfiguration says it. What the environment of Calico's own pods
 * says instead, if anything, is not seen.
 *
 * @param bpf whether it is eBPF, which logs elsewhere
 * @param nftables {@code Disabled}, {@code Enabled} or {@code Auto}
 * @param logPrefix what each line begins with; may hold specifiers such as {@code %p}
 * @param logRateLimit how many packets each Log rule logs at most, as in {@code 10/second}; empty for all
 * @param responsePrefix what lines about responses begin with; empty for Calico's default
 */
public record DataPlane(boolean bpf, String nftables, String logPrefix, String logRateLimit, String responsePrefix) {
    /** As it is where nothing is configured. */
    public static final DataPlane DEFAULT = new DataPlane(false, "Disabled", "calico-packet", "", "");

    /** What this one becomes by a more special configuration. */
    DataPlane with(JsonNode spec) {
        return new DataPlane(
                spec.path("bpfEnabled").asBoolean(bpf),
                spec.path("nftablesMode").asString(nftables),
                spec.path("logPrefix").asString(logPrefix),
                spec.path("logActionRateLimit").asString(logRateLimit),
                spec.path("logConnectionTransitionsPrefix").asString(responsePrefix));
    }

    /** Whether lines surely come from iptables, which cuts prefixes. */
    public boolean isIptables() {
        return !bpf && nftables.equals("Disabled");
    }

    /** What each line surely begins with: the prefix up to its first specifier. */
    public String literalPrefix() {
        int specifier = logPrefix.indexOf('%');
        return specifier < 0 ? logPrefix : logPrefix.substring(0, specifier);
    }
}
