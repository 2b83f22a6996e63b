package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Ports that Calico keeps open at host endpoints, so that no policy cuts off a node. Felix accepts them before all
 * policies in the raw, mangle and filter tables, but not for forwarded traffic or pods (felix/rules/static.go and
 * felix/rules/endpoints.go, v3.31.7).
 *
 * @param inbound ports of the node that are open to others
 * @param outbound ports of others that the node may reach
 */
public record FailsafePorts(List<FailsafePort> inbound, List<FailsafePort> outbound) {
    /** None: nothing is accepted before the policies. */
    public static final FailsafePorts NONE = new FailsafePorts(List.of(), List.of());

    /** Felix's default lists, which are the same from v3.22 to v3.32 (felix/config/config_params.go). */
    public static final FailsafePorts DEFAULT = new FailsafePorts(
            anywhere(List.of(22, 179, 2379, 2380, 5473, 6443, 6666, 6667), List.of(68)),
            anywhere(List.of(179, 2379, 2380, 5473, 6443, 6666, 6667), List.of(53, 67)));

    private static final int NAMED_MAX = 12;

    /**
     * One port of a list.
     *
     * @param protocol TCP or UDP: Felix takes no other
     * @param port 0 to 65535
     * @param net addresses of the other end; null for all
     */
    public record FailsafePort(
            Protocol protocol, int port, @Nullable IpPrefix net) {}

    /** Copies the lists. */
    public FailsafePorts {
        inbound = List.copyOf(inbound);
        outbound = List.copyOf(outbound);
    }

    /** Whether others can always reach this port of a node. */
    public boolean keepsOpen(Protocol protocol, int port) {
        return inbound.stream().anyMatch(entry -> entry.protocol.equals(protocol) && entry.port == port);
    }

    /** The ports of one direction in words: {@code TCP 22, 179; UDP 68}. */
    public String words(Direction direction) {
        Map<String, TreeSet<Integer>> byProtocol = new TreeMap<>();
        for (FailsafePort entry : direction == Direction.INGRESS ? inbound : outbound) {
            byProtocol
                    .computeIfAbsent(entry.protocol.toString(), _ -> new TreeSet<>())
                    .add(entry.port);
        }
        return byProtocol.entrySet().stream()
                .map(ports -> ports.getKey() + " "
                        + ports.getValue().stream()
                                .limit(NAMED_MAX)
                                .map(String::valueOf)
                                .collect(Collectors.joining(", "))
                        + (ports.getValue().size() > NAMED_MAX
                                ? " and " + (ports.getValue().size() - NAMED_MAX) + " more"
                                : ""))
                .collect(Collectors.joining("; "));
    }

    private static List<FailsafePort> anywhere(List<Integer> tcp, List<Integer> udp) {
        return Stream.concat(
                        tcp.stream().map(port -> new FailsafePort(Protocol.TCP, port, null)),
                        udp.stream().map(port -> new FailsafePort(Protocol.UDP, port, null)))
                .toList();
    }
}
