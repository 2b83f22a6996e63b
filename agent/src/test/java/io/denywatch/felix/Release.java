package io.denywatch.felix;

import java.util.Locale;

/** Releases of Calico whose Felix differs in how it reads objects. */
public enum Release {
    /** No tiers: all policies are in one, whatever they say. */
    V3_28_5,
    /** A policy's tier is what its name has before the first dot. */
    V3_31_7,
    /** A policy's tier is what its {@code spec.tier} says. */
    V3_32_1;

    /** As a cluster states it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '.');
    }

    boolean hasTiers() {
        return this != V3_28_5;
    }

    /** felix/rules/policy.go: negated 0.0.0.0/0 empties the rule; v3.28.5 hands it to iptables. */
    boolean emptiesNegatedAll() {
        return this != V3_28_5;
    }

    /** libcalico-go/lib/validator/v1/validator.go, v3.32.1: a rule without protocol may have ports that are all named. */
    boolean allowsNamedPortsAlone() {
        return this == V3_32_1;
    }

    /** Up to v3.28.5 labels are a map, which the tag {@code labels} checks; later they are a struct, which it does not. */
    boolean checksLabels() {
        return this == V3_28_5;
    }

    /** libcalico-go/lib/selector/tokenizer: what may stand between the parentheses of {@code all( )}. */
    String blanksInParentheses() {
        return this == V3_28_5 ? " \t\n\f\r" : " \t";
    }

    /** felix/calc/policy_sorter.go: by what policies of the same order are sorted. */
    String sortKey(String name) {
        return this == V3_32_1 ? name + "//GlobalNetworkPolicy" : name;
    }
}
