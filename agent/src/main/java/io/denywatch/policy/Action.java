package io.denywatch.policy;

import java.util.Locale;

/** What a rule does with the packets it matches. */
public enum Action {
    /** Accepts them for the stage, and ends it. */
    ALLOW,
    /** Drops them. */
    DENY,
    /** Writes a line for each and goes on with the next rule. */
    LOG,
    /** Goes on with the next tier. */
    PASS;

    /** Its name in Calico's API. */
    public String label() {
        return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
    }
}
