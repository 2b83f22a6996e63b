package io.denywatch.policy;

import io.denywatch.policy.SelectorParser.LabelScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Calico knows one kind of selector only, over the labels of endpoints and network sets. What policies and rules say
 * about namespaces and service accounts becomes part of it.
 */
public final class EndpointSelector {
    private static final String ALL = "all()";
    private static final String SERVICE_ACCOUNT = "projectcalico.org/serviceaccount";

    private EndpointSelector() {}

    /**
     * Which endpoints the policy applies to. Of a global policy with a selector over namespaces or service accounts, Felix
     * replaces the text {@code all()}, wherever it stands in the endpoints' selector, by what is in a namespace, or runs as a
     * service account; {@code all( )} stays what it is.
     */
    public static Selector of(Policy policy) {
        Selector inNamespace = new Selector.Has(Selector.NAMESPACE);
        Selector asAccount = new Selector.Has(SERVICE_ACCOUNT);
        boolean ofNamespaces = !policy.namespaceSelector().isEmpty();
        boolean ofAccounts = !policy.serviceAccountSelector().isEmpty();
        boolean global = policy.namespace() == null;
        String selector = policy.selector();
        if (global && (ofNamespaces || ofAccounts)) {
            selector = selector.replace(ALL, (ofNamespaces ? inNamespace : asAccount).toString());
        }
        List<Selector> parts = new ArrayList<>();
        parts.add(parse(selector, ofNamespaces || ofAccounts || !global));
        if (ofNamespaces) {
            parts.add(SelectorParser.parse(
                    policy.namespaceSelector(), LabelScope.NAMESPACE.meaning(inNamespace, Selector.all())));
        }
        if (ofAccounts) {
            parts.add(SelectorParser.parse(
                    policy.serviceAccountSelector(),
                    LabelScope.SERVICE_ACCOUNT.meaning(global ? asAccount : Selector.all(), Selector.all())));
        }
        if (!global) {
            parts.add(new Selector.In(Selector.NAMESPACE, List.of(policy.namespace())));
        }
        return Selector.and(parts);
    }

    /** The selector over labels of endpoints, which Felix puts in brackets beside another one: then blanks are no selector. */
    private static Selector parse(String selector, boolean beside) {
        if (beside && !selector.isEmpty() && selector.isBlank()) {
            throw new IllegalArgumentException("selector of blanks only is not allowed beside another one");
        }
        return Selector.parse(selector);
    }

    /**
     * Whether the match takes endpoints and network sets alone. In a namespace, it does also where it only says which not.
     *
     * @param namespace of the rule's policy; null for a global one
     */
    public static boolean isIn(EntityMatch match, @Nullable String namespace) {
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
    public static Selector of(EntityMatch match, @Nullable String namespace) {
        List<Selector> parts = new ArrayList<>();
        boolean beside = namespace != null
                || !match.namespaceSelector().isEmpty()
                || !match.serviceAccountSelector().isEmpty()
                || !match.serviceAccountNames().isEmpty();
        parts.add(parse(match.selector(), beside));
        if (!match.namespaceSelector().isEmpty()) {
            parts.add(SelectorParser.parse(match.namespaceSelector(), LabelScope.NAMESPACE));
        }
        if (!match.serviceAccountSelector().isEmpty()) {
            parts.add(SelectorParser.parse(match.serviceAccountSelector(), LabelScope.SERVICE_ACCOUNT));
        }
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
