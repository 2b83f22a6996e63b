package io.denywatch.policy;

/** What becomes of an object that is odd. */
public enum Effect {
    /** The whole list of the kind cannot be decoded. */
    NOTHING_LOADS(
            "no policy at all after a restart",
            "Felix cannot decode the object, nor the list that it is in. A running Felix keeps what it has and learns of no"
                    + " change to any object of the kind. One that restarts never has all objects and applies none: the"
                    + " kernel keeps its rules until the node restarts, and then has none. Nothing is proven then."),
    /** Felix does not go on. */
    FELIX_STOPS(
            "Felix fails and restarts over and over",
            "Felix panics, and does so again after each restart. The kernel keeps the rules that it has. Nothing is proven"
                    + " then."),
    /** For Felix, the object is not there. */
    MISSING(
            "the whole object is missing",
            "Felix takes the object for missing, whole, and says so in its own log only. Nothing is proven by such a policy."),
    /** The policy is in another tier. */
    ELSEWHERE(
            "the policy is in another tier",
            "The policy may be in the tier of its name, in that of its spec, or in the default tier. Nothing is proven by it."),
    /** The object applies to something else than it says. */
    OTHER_MATCH(
            "it applies to more or less than it says",
            "Felix applies the object in another way than it looks. Nothing is proven by such a policy."),
    /** The rule applies whatever the address is: an Allow lets in everybody. */
    EVERY_ADDRESS(
            "Felix passes over what is no address and no CIDR, and then the rule applies to every address",
            "An Allow with such nets lets in everybody. Nothing is proven by such a policy."),
    /** Felix applies it, though calicoctl refuses it. */
    IN_FORCE(
            "in force, though calicoctl refuses it",
            "calicoctl and the API server refuse these. Where they get past both, Felix applies them, and they count in"
                    + " proofs.");

    private final String label;
    private final String consequence;

    Effect(String label, String consequence) {
        this.label = label;
        this.consequence = consequence;
    }

    /** In a few words. */
    public String label() {
        return label;
    }

    /** The same at the beginning of a line. */
    public String title() {
        return Character.toUpperCase(label.charAt(0)) + label.substring(1);
    }

    /** What follows from it, in sentences. */
    public String consequence() {
        return consequence;
    }

    /** Whether it touches more than the object itself. */
    public boolean isOfAll() {
        return this == NOTHING_LOADS || this == FELIX_STOPS;
    }
}
