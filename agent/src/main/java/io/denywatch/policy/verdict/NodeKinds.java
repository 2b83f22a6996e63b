package io.denywatch.policy.verdict;

import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Selector;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Groups nodes on which policies are evaluated alike: the same policies select host endpoints that Calico treats alike.
 * Labels that no policy mentions do not matter; each node has some of its own.
 */
public final class NodeKinds {
    private final Readings readings;
    private final List<Policy> policies;
    private final Map<String, Boolean> mentioned = new HashMap<>();
    private final Map<Labels, BitSet> selections = new HashMap<>();

    /** The properties of an endpoint that determine which policies select it. */
    private record Labels(Map<String, String> labels, List<String> profiles) {}

    /** The properties of an endpoint that determine how policies are evaluated. */
    private record EndpointKind(
            boolean complete, boolean replaced, boolean everywhere, List<String> profiles, BitSet selecting) {}

    /** The properties of a node that determine how policies are evaluated. */
    private record NodeKind(Set<EndpointKind> endpoints, FailsafePorts failsafePorts) {}

    public NodeKinds(Readings readings) {
        this.readings = readings;
        policies = readings.state().policies().stream()
                .filter(policy -> policy.namespace() == null)
                .toList();
    }

    /** The nodes in groups, which are in the order of their first nodes. */
    public List<List<String>> alike(List<String> nodes) {
        PolicyState state = readings.state();
        Map<String, List<HostEndpoint>> endpoints =
                state.hostEndpoints().stream().collect(Collectors.groupingBy(HostEndpoint::node));
        Map<NodeKind, List<String>> groups = new LinkedHashMap<>();
        for (String node : nodes) {
            List<HostEndpoint> here = endpoints.getOrDefault(node, List.of());
            Set<EndpointKind> kinds = new HashSet<>();
            here.forEach(endpoint -> kinds.add(kind(endpoint, here)));
            groups.computeIfAbsent(new NodeKind(kinds, state.failsafePortsOf(node)), _ -> new ArrayList<>())
                    .add(node);
        }
        return List.copyOf(groups.values());
    }

    private EndpointKind kind(HostEndpoint endpoint, List<HostEndpoint> ofNode) {
        readings.steps().take(1L + endpoint.labels().size() + ofNode.size());
        Map<String, String> labels = new HashMap<>(endpoint.labels());
        if (endpoint.hasKnownLabels()) {
            labels.keySet().removeIf(label -> !mentioned.computeIfAbsent(label, this::isMentioned));
        }
        return new EndpointKind(
                endpoint.isComplete(),
                readings.state().rivalOf(endpoint, ofNode).isPresent(),
                endpoint.interfaceName().equals("*"),
                endpoint.profiles(),
                selections.computeIfAbsent(new Labels(labels, endpoint.profiles()), _ -> selecting(endpoint)));
    }

    private boolean isMentioned(String label) {
        readings.steps().take(policies.size());
        return policies.stream()
                .flatMap(policy -> readings.selector(policy).stream())
                .anyMatch(selector -> selector.mentions(label));
    }

    /** Two bits for each policy: whether it may select the endpoint, and whether it certainly does. */
    private BitSet selecting(HostEndpoint endpoint) {
        readings.steps().take(endpoint.hasKnownLabels() ? policies.size() : 20L * policies.size());
        BitSet selecting = new BitSet();
        for (int i = 0; i < policies.size(); i++) {
            Selector selector = readings.selector(policies.get(i)).orElse(null);
            if (selector != null) {
                selecting.set(2 * i, endpoint.maybeSelectedBy(selector));
                selecting.set(2 * i + 1, endpoint.isSelectedBy(selector));
            }
        }
        return selecting;
    }
}
