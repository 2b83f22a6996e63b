package io.denywatch.policy.verdict;

import io.denywatch.policy.Direction;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Stage;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The reason why a policy, or its rules for one direction, has no effect at the host endpoints of a node.
 *
 * @param why one sentence
 * @param remedy what to do about it
 */
public record NoEffect(String why, String remedy) {
    /**
     * The reason why the policy has no effect at any host endpoint of the node; empty if it may have one.
     *
     * @param chains of the node
     */
    public static Optional<NoEffect> of(Policy policy, PolicyState state, String node, Chains chains) {
        if (!chains.endpointsOf(policy).isEmpty()) {
            return Optional.empty();
        }
        List<HostEndpoint> here = state.hostEndpointsOf(node);
        List<HostEndpoint> selected =
                state.hostEndpoints().stream().filter(chains.maySelect(policy)).toList();
        List<HostEndpoint> tooWide = selected.stream().filter(here::contains).toList();
        if (!tooWide.isEmpty()) {
            return Optional.of(
                    new NoEffect(
                            "It is doNotTrack, and Calico ignores such policies at " + names(tooWide)
                                    + " because of interfaceName \"*\".",
                            "Make the policy preDNAT instead, or create a HostEndpoint for each interface that it is meant for."));
        }
        return Optional.of(unused(selected, state, node)
                .orElseGet(() -> here.isEmpty() ? withoutEndpoint() : notSelected(policy, selected)));
    }

    /** The reason why Calico does not use a host endpoint that the policy selects. */
    private static Optional<NoEffect> unused(List<HostEndpoint> selected, PolicyState state, String node) {
        return selected.stream()
                .filter(endpoint -> endpoint.node().isEmpty() || endpoint.node().equals(node))
                .flatMap(endpoint -> state.whyUnused(endpoint).stream())
                .map(why -> new NoEffect(
                        why + ".",
                        "Correct this HostEndpoint, if it is meant for this node: it needs a node, and an interfaceName or"
                                + " expectedIPs. Keep one for each interface."))
                .findFirst();
    }

    private static NoEffect withoutEndpoint() {
        return new NoEffect(
                "This node has no host endpoint.",
                "Enable automatic host endpoints in KubeControllersConfiguration, or create a HostEndpoint for the node.");
    }

    private static NoEffect notSelected(Policy policy, List<HostEndpoint> elsewhere) {
        String selector = "Its selector \"" + policy.selector() + "\" ";
        if (!policy.namespaceSelector().isEmpty()
                || !policy.serviceAccountSelector().isEmpty()) {
            return new NoEffect(
                    "Its namespaceSelector or serviceAccountSelector restricts it to pods.",
                    "Remove both: host endpoints are in no namespace and have no service account.");
        }
        return elsewhere.isEmpty()
                ? new NoEffect(
                        selector + "selects no host endpoint.",
                        "Make the selector fit the labels of the host endpoints that the policy is meant for.")
                : new NoEffect(
                        selector + "selects no host endpoint of this node, only of others.",
                        "Nothing if the policy is not meant for this node; otherwise make the selector fit the labels of"
                                + " its host endpoints.");
    }

    /** The reason why the policy's rules for this direction are not used; empty if they are. */
    public static Optional<NoEffect> of(Policy policy, Direction direction) {
        String rules = direction.label().toLowerCase(Locale.ROOT) + " rules";
        if (!policy.governs(direction)) {
            return Optional.of(new NoEffect(
                    "Its types do not include " + direction.label() + ", so Calico does not use its " + rules + ".",
                    "Add " + direction.label() + " to types, or remove these rules."));
        }
        if (policy.stage() == Stage.PRE_DNAT && direction == Direction.EGRESS) {
            return Optional.of(new NoEffect(
                    "It is preDNAT, and Calico evaluates no egress rules before DNAT.",
                    "Move its egress rules to a policy without preDNAT."));
        }
        return Optional.empty();
    }

    private static String names(List<HostEndpoint> endpoints) {
        return endpoints.stream()
                .map(endpoint -> "HostEndpoint " + endpoint.name())
                .collect(Collectors.joining(", "));
    }
}
