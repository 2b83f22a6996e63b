package io.denywatch.policy;

/**
 * The work that an analysis may do, counted, so that it ends at the same place on every machine. A step is about what
 * comparing two intervals, two conditions or two rules costs. Confined to one thread.
 */
final class Steps {
    /** Steps for all policies and nodes together: a second or two. */
    static final long MAX = 10_000_000;

    /** Steps for one {@code Log} rule at one node: a rule that takes more leaves some for the others. */
    static final long RULE_MAX = 2_000_000;

    /** Steps that are taken for each verdict in any case: it takes memory, too. */
    static final long PER_VERDICT = 500;

    private final long max;
    private long limit;
    private long taken;

    Steps(long max) {
        this.max = max;
        limit = max;
    }

    /** Lets the steps that follow, together with those of all before, be no more than this, until it is called again. */
    void begin(long most) {
        limit = Math.min(max, taken + most);
    }

    /** Thrown where no steps are left. */
    static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exhausted(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Counts steps that are about to be done.
     *
     * @throws Exhausted if they are more than are left
     */
    void take(long steps) {
        taken += steps;
        if (taken > limit) {
            throw new Exhausted("more than " + limit + " steps");
        }
    }

    long taken() {
        return taken;
    }
}
