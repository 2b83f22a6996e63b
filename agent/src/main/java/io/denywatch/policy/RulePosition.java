package io.denywatch.policy;

/**
 * Where a rule stands.
 *
 * @param policy whose it is
 * @param direction in which of its lists
 * @param index from 0
 */
public record RulePosition(Policy policy, Direction direction, int index) {
    /** The rule. */
    public Rule rule() {
        return policy.rules(direction).get(index);
    }

    /** As an operator finds it in the YAML: {@code deny-lb ingress[2]}. */
    @Override
    public String toString() {
        return policy.title() + " " + (direction == Direction.INGRESS ? "ingress" : "egress") + "[" + index + "]";
    }
}
