package io.denywatch.cluster.survey;

import io.denywatch.policy.FailsafePorts;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
 * @param failsafePorts the ports that are kept open at host endpoints
 * @param problems what Felix or this program cannot read of it
 */
public record FelixSettings(
        boolean bpf,
        String nftables,
        String logPrefix,
        String logRateLimit,
        String responsePrefix,
        FailsafePorts failsafePorts,
        List<String> problems) {
    /** As it is where nothing is configured. */
    public static final FelixSettings DEFAULT = new FelixSettings(false, "Disabled", "calico-packet", "", "");

    /** Copies the list. */
    public FelixSettings {
        problems = List.copyOf(problems);
    }

    /** One with Felix' own failsafe ports. */
    public FelixSettings(boolean bpf, String nftables, String logPrefix, String logRateLimit, String responsePrefix) {
        this(bpf, nftables, logPrefix, logRateLimit, responsePrefix, FailsafePorts.DEFAULT, List.of());
    }

    /** What this one becomes by a more special FelixConfiguration. */
    FelixSettings with(JsonNode object) {
        JsonNode spec = object.path("spec");
        Optional<FailsafeList> inbound = FailsafeList.in(object, "failsafeInboundHostPorts");
        Optional<FailsafeList> outbound = FailsafeList.in(object, "failsafeOutboundHostPorts");
        return new FelixSettings(
                spec.path("bpfEnabled").asBoolean(bpf),
                spec.path("nftablesMode").asString(nftables),
                spec.path("logPrefix").asString(logPrefix),
                spec.path("logActionRateLimit").asString(logRateLimit),
                spec.path("logConnectionTransitionsPrefix").asString(responsePrefix),
                new FailsafePorts(
                        inbound.map(FailsafeList::entries).orElse(failsafePorts.inbound()),
                        outbound.map(FailsafeList::entries).orElse(failsafePorts.outbound())),
                Stream.concat(
                                problems.stream(),
                                Stream.concat(inbound.stream(), outbound.stream())
                                        .map(FailsafeList::problem))
                        .filter(problem -> !problem.isEmpty())
                        .distinct()
                        .toList());
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
