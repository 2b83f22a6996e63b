package io.denywatch.policy;

import io.denywatch.policy.SelectorParser.LabelScope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Combines selectors as Calico does. Calico evaluates only selectors over the labels of endpoints and network sets. It
 * translates selectors over namespaces and service accounts into such selectors.
 */
public final class EndpointSelector {
    private static final String ALL = "all()";
    private static final String SERVICE_ACCOUNT = "projectcalico.org/serviceaccount";

    private EndpointSelector() {}

    /**
     * Selects the endpoints that the policy applies to. If a global policy has a selector over namespaces or service
     * accounts, Felix replaces each {@code all()} in the endpoints' selector by a test for a namespace or a service
     * account. It does not replace {@code all( )}.
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

    /**
     * The selector over labels of endpoints. Felix puts it in brackets next to another selector, and blanks in brackets
     * are not a valid selector.
     */
    private static Selector parse(String selector, boolean beside) {
        if (beside && !selector.isEmpty() && selector.isBlank()) {
            throw new IllegalArgumentException("selector of blanks only is not allowed next to another one");
        }
        return Selector.parse(selector);
    }

    /**
     * Whether the match is restricted to endpoints and network sets. In a namespace, a negative selector is enough for
     * that.
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
     * Selects the owners of the addresses in the match, if {@link #isIn}. A single endpoint or set must fulfil all
     * parts, so an address of two endpoints matches even if one of them is excluded.
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
