package io.denywatch.policy;

/**
 * The position of a rule.
 *
 * @param policy with the rule
 * @param direction of its list in the policy
 * @param index from 0
 */
public record RulePosition(Policy policy, Direction direction, int index) {
    /** The rule. */
    public Rule rule() {
        return policy.rules(direction).get(index);
    }

    /** As in the YAML: {@code deny-lb ingress[2]}. */
    @Override
    public String toString() {
        return policy.title() + " " + (direction == Direction.INGRESS ? "ingress" : "egress") + "[" + index + "]";
    }
}
