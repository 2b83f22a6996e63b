package io.denywatch.felix;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What Felix works with: libcalico-go/lib/backend/model. */
final class Model {
    private Model() {}

    /** numorstring.Protocol after its conversion to v1: a number, or a name in lower case. */
    record Protocol(int number, String name) {
        private static final Map<String, Integer> NUMBERS =
                Map.of("tcp", 6, "udp", 17, "icmp", 1, "icmpv6", 58, "sctp", 132, "udplite", 136);

        static Protocol named(String name) {
            String lower = name.toLowerCase(Locale.ROOT);
            return new Protocol(NUMBERS.getOrDefault(lower, -1), lower);
        }

        boolean isValid() {
            return name.isEmpty() ? number > 0 : NUMBERS.containsKey(name);
        }

        boolean supportsPorts() {
            return number == 6 || number == 17 || number == 132;
        }
    }

    /** numorstring.Port. */
    record Port(int first, int last, String name) {
        boolean isValid() {
            return name.isEmpty()
                    ? first >= 1 && last >= 1
                    : name.length() <= 15
                            && name.matches("[-a-z0-9]+")
                            && name.matches(".*[a-z].*")
                            && !name.contains("--")
                            && !name.startsWith("-")
                            && !name.endsWith("-");
        }
    }

    /** One side of a rule. {@code originals} are the selectors as they were given, which are validated, too. */
    record Side(
            List<Cidr> nets,
            List<Cidr> notNets,
            String selector,
            String notSelector,
            List<Port> ports,
            List<Port> notPorts,
            String service,
            List<String> originals) {
        boolean hasPorts() {
            return !ports.isEmpty() || !notPorts.isEmpty();
        }

        boolean hasNumericPorts() {
            return ports.stream().anyMatch(port -> port.name().isEmpty())
                    || notPorts.stream().anyMatch(port -> port.name().isEmpty());
        }
    }

    /** Type and code of an ICMP message. */
    record Icmp(@Nullable Long type, @Nullable Long code) {
        static final Icmp NONE = new Icmp(null, null);

        boolean isValid() {
            return (type == null || (type >= 0 && type < 255)) && (code == null || (code >= 0 && code <= 255));
        }
    }

    /** A rule; {@code action} is {@code next-tier} for Pass. */
    record Rule(
            String action,
            @Nullable Long ipVersion,
            @Nullable Protocol protocol,
            @Nullable Protocol notProtocol,
            Icmp icmp,
            Icmp notIcmp,
            Side source,
            Side destination) {
        /** felix/calc/rule_convert.go: 0 for both, and the names of ICMP stand for one. */
        int effectiveVersion() {
            if (ipVersion != null) {
                return ipVersion.intValue();
            }
            return protocol == null || protocol.name().isEmpty()
                    ? 0
                    : switch (protocol.name()) {
                        case "icmp" -> 4;
                        case "icmpv6" -> 6;
                        default -> 0;
                    };
        }
    }

    /** A policy; {@code id} is its place among the objects. */
    record Policy(
            int id,
            String name,
            String tier,
            double order,
            String selector,
            List<String> types,
            boolean doNotTrack,
            boolean preDnat,
            boolean applyOnForward,
            List<String> hints,
            List<Rule> inbound,
            List<Rule> outbound) {
        boolean governs(boolean ingress) {
            return types.isEmpty() || types.contains(ingress ? "ingress" : "egress");
        }
    }

    record HostEndpoint(
            String name,
            String node,
            String interfaceName,
            List<byte[]> addresses,
            Map<String, String> labels,
            List<String> profiles,
            List<EndpointPort> ports) {}

    record EndpointPort(String name, Protocol protocol, long port) {}

    record NetworkSet(Map<String, String> labels, List<Cidr> nets) {}

    record Tier(String name, @Nullable Double order, boolean pass) {}

    /** Rule actions that felix/rules/policy.go renders; it panics at others. */
    static final Set<String> ACTIONS = Set.of("", "allow", "deny", "log", "next-tier", "pass");
}
