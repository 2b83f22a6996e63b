package io.denywatch.cluster.survey;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.FailsafePorts.FailsafePort;
import io.denywatch.policy.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How a node's packets are filtered and logged, according to FelixConfiguration. Settings in the environment of
 * Calico's pods, which take precedence, are not known here.
 *
 * @param bpf whether the data plane is eBPF, which logs elsewhere
 * @param nftables {@code Disabled}, {@code Enabled} or {@code Auto}
 * @param logPrefix what each line begins with; may contain specifiers such as {@code %p}
 * @param logRateLimit the most packets that each Log rule logs, as in {@code 10/second}; empty for no limit
 * @param responsePrefix what lines about responses begin with; empty for Calico's default
 * @param failsafePorts the failsafe ports
 * @param problems what Felix or denywatch cannot read in it
 */
public record FelixSettings(
        boolean bpf,
        String nftables,
        String logPrefix,
        String logRateLimit,
        String responsePrefix,
        FailsafePorts failsafePorts,
        List<String> problems) {
    /** Calico's defaults. */
    public static final FelixSettings DEFAULT = new FelixSettings(false, "Disabled", "calico-packet", "", "");

    /** Copies the list. */
    public FelixSettings {
        problems = List.copyOf(problems);
    }

    /** Settings with Felix's default failsafe ports. */
    public FelixSettings(boolean bpf, String nftables, String logPrefix, String logRateLimit, String responsePrefix) {
        this(bpf, nftables, logPrefix, logRateLimit, responsePrefix, FailsafePorts.DEFAULT, List.of());
    }

    /** These settings, overridden by a more specific FelixConfiguration. */
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

    /** Whether lines certainly come from iptables, which truncates prefixes. */
    public boolean isIptables() {
        return !bpf && nftables.equals("Disabled");
    }

    /** The text with which every line begins: the prefix up to its first specifier. */
    public String literalPrefix() {
        int specifier = logPrefix.indexOf('%');
        return specifier < 0 ? logPrefix : logPrefix.substring(0, specifier);
    }

    /**
     * One of the two lists of failsafe ports in a FelixConfiguration, as Felix reads it (felixconfigprocessor.go in
     * libcalico-go, felix/config/param_types.go, v3.31.7): an empty list means no ports, a missing list is inherited,
     * and an entry that is neither TCP nor UDP stops Felix.
     *
     * @param entries empty if the list cannot be read, so that no port counts as open
     * @param problem what cannot be read; empty if nothing
     */
    record FailsafeList(List<FailsafePort> entries, String problem) {
        /** Prefix of annotations that replace settings of the spec. */
        private static final String ANNOTATION = "config.projectcalico.org/";

        private static final int PORT_MAX = 65_535;

        FailsafeList {
            entries = List.copyOf(entries);
        }

        /** The list of this name in a FelixConfiguration; empty if there is none. */
        static Optional<FailsafeList> in(JsonNode object, String name) {
            JsonNode annotations = object.path("metadata").path("annotations");
            for (String key : annotations.propertyNames()) {
                if (key.equalsIgnoreCase(ANNOTATION + name)) {
                    return Optional.of(unreadable(name, "annotation " + key));
                }
            }
            JsonNode list = object.path("spec").path(name);
            if (list.isMissingNode() || list.isNull()) {
                return Optional.empty();
            }
            if (!list.isArray()) {
                return Optional.of(unreadable(name, list.toString()));
            }
            List<FailsafePort> entries = new ArrayList<>();
            for (JsonNode item : list) {
                FailsafePort entry = entry(item);
                if (entry == null) {
                    return Optional.of(unreadable(name, item.toString()));
                }
                entries.add(entry);
            }
            return Optional.of(new FailsafeList(entries, ""));
        }

        private static FailsafeList unreadable(String name, String what) {
            return new FailsafeList(List.of(), name + " of FelixConfiguration: " + what);
        }

        private static @Nullable FailsafePort entry(JsonNode item) {
            Protocol protocol = switch (item.path("protocol").asString("").toLowerCase(Locale.ROOT)) {
                case "tcp" -> Protocol.TCP;
                case "udp" -> Protocol.UDP;
                default -> null;
            };
            int port = item.path("port").isInt() ? item.path("port").asInt() : -1;
            String net = item.path("net").asString("");
            Optional<IpPrefix> block = IpPrefix.covering(net);
            if (protocol == null || port < 0 || port > PORT_MAX || (!net.isEmpty() && block.isEmpty())) {
                return null;
            }
            return new FailsafePort(protocol, port, block.orElse(null));
        }
    }
}
