package io.denywatch.policy;

import io.denywatch.policy.SelectorParser.Scope;
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

    /**
     * Which endpoints the policy applies to. Beside a selector over namespaces or service accounts, {@code all()} means
     * all that is in one, or runs as one, for Calico writes that in its place; it does so in the endpoints' selector, too.
     */
    static Selector of(Policy policy) {
        Selector inNamespace = new Selector.Has(Selector.NAMESPACE);
        Selector asAccount = new Selector.Has(SERVICE_ACCOUNT);
        Selector all = !policy.namespaceSelector().isEmpty()
                ? inNamespace
                : !policy.serviceAccountSelector().isEmpty() ? asAccount : Selector.all();
        List<Selector> parts = new ArrayList<>();
        parts.add(SelectorParser.parse(policy.selector(), Scope.ENDPOINT.meaning(all, Selector.all())));
        parts.add(
                SelectorParser.parse(policy.namespaceSelector(), Scope.NAMESPACE.meaning(inNamespace, Selector.all())));
        parts.add(SelectorParser.parse(
                policy.serviceAccountSelector(), Scope.SERVICE_ACCOUNT.meaning(asAccount, Selector.all())));
        if (policy.namespace() != null) {
            parts.add(new Selector.In(Selector.NAMESPACE, List.of(policy.namespace())));
        }
        return Selector.and(parts);
    }

    /**
     * Whether the match takes endpoints and network sets alone. In a namespace, it does also where it only says which not.
     *
     * @param namespace of the rule's policy; null for a global one
     */
    static boolean isIn(EntityMatch match, @Nullable String namespace) {
        return !match.selector().isEmpty()
                || (namespace != null && !match.notSelector().isEmpty())
                || !match.namespaceSelector().isEmpty()
                || !match.serviceAccountSelector().isEmpty()
                || !match.serviceAccountNames().isEmpty();
    }

    /**
     * Whose addresses the match means, if {@link #isIn}. One endpoint or set must be selected by all parts: an address of
     * two, of which the other is one that is not to be selected, is meant as well.
     *
     * @param namespace of the rule's policy; null for a global one
     */
    static Selector of(EntityMatch match, @Nullable String namespace) {
        List<Selector> parts = new ArrayList<>();
        parts.add(Selector.parse(match.selector()));
        parts.add(SelectorParser.parse(match.namespaceSelector(), Scope.NAMESPACE));
        parts.add(SelectorParser.parse(match.serviceAccountSelector(), Scope.SERVICE_ACCOUNT));
        if (!match.notSelector().isEmpty() && isIn(match, namespace)) {
            parts.add(Selector.not(Selector.parse(match.notSelector())));
        }
        if (!match.serviceAccountNames().isEmpty()) {
            parts.add(new Selector.In(SERVICE_ACCOUNT, match.serviceAccountNames()));
        }
        if (namespace != null && match.namespaceSelector().isEmpty()) {
            parts.add(new Selector.In(Selector.NAMESPACE, List.of(namespace)));
        }
        return Selector.and(parts);
    }
}
