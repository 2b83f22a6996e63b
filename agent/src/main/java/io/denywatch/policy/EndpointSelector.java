package io.denywatch.policy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calico knows one kind of selector only, over the labels of endpoints and network sets. What policies and rules say
 * about namespaces and service accounts becomes part of it.
 */
final class EndpointSelector {
    private static final String SERVICE_ACCOUNT = "projectcalico.org/serviceaccount";

    private EndpointSelector() {}

    /** Which endpoints the policy applies to. */
    static Selector of(Policy policy) {
        List<Selector> parts = new ArrayList<>();
        parts.add(Selector.parse(policy.selector()));
        parts.add(SelectorParser.parse(policy.namespaceSelector(), SelectorParser.Scope.NAMESPACE));
        parts.add(SelectorParser.parse(policy.serviceAccountSelector(), SelectorParser.Scope.SERVICE_ACCOUNT));
        if (policy.namespace() != null) {
            parts.add(new Selector.In(Selector.NAMESPACE, List.of(policy.namespace())));
        }
        return Selector.and(parts);
    }

    /** Whether the match has a selector at all. */
    static boolean isIn(EntityMatch match) {
        return !match.selector().isEmpty()
                || !match.namespaceSelector().isEmpty()
                || !match.serviceAccountSelector().isEmpty()
                || !match.serviceAccountNames().isEmpty();
    }

    /**
     * Whose addresses the match means.
     *
     * @param namespace of the rule's policy; null for a global one
     */
    static Selector of(EntityMatch match, @Nullable String namespace) {
        List<Selector> parts = new ArrayList<>();
        parts.add(Selector.parse(match.selector()));
        parts.add(SelectorParser.parse(match.namespaceSelector(), SelectorParser.Scope.NAMESPACE));
        parts.add(SelectorParser.parse(match.serviceAccountSelector(), SelectorParser.Scope.SERVICE_ACCOUNT));
        if (!match.serviceAccountNames().isEmpty()) {
            parts.add(new Selector.In(SERVICE_ACCOUNT, match.serviceAccountNames()));
        }
        if (namespace != null && match.namespaceSelector().isEmpty()) {
            parts.add(new Selector.In(Selector.NAMESPACE, List.of(namespace)));
        }
        return Selector.and(parts);
    }
}
