package io.denywatch.policy;

/**
 * A tier of policies.
 *
 * @param name its name
 * @param order lower ones come first; infinite where none is given
 * @param defaultAction action at its end for packets that none of its policies decided: {@link Action#DENY} or {@link
 *     Action#PASS}; only used in {@link Stage#FILTER}
 */
public record Tier(String name, double order, Action defaultAction) {
    /** The tier of policies that name none. */
    public static final Tier DEFAULT = new Tier("default", 1_000_000, Action.DENY);

    /** Checks the action. */
    public Tier {
        if (defaultAction != Action.DENY && defaultAction != Action.PASS) {
            throw new IllegalArgumentException(
                    "default action of tier " + name + " is " + defaultAction.label() + "; allowed: Deny, Pass");
        }
    }
}
