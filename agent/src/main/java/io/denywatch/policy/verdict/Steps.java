package io.denywatch.policy.verdict;

/**
 * The work that an analysis may do, counted, so that it ends at the same place on every machine. A step is about what
 * comparing two intervals, two conditions or two rules costs. Confined to one thread.
 */
public final class Steps {
    /** Steps for all policies and nodes together: a second or two. */
    public static final long MAX = 10_000_000;

    /** Steps for one {@code Log} rule at one node: a rule that takes more leaves some for the others. */
    public static final long RULE_MAX = 2_000_000;

    /** Steps that are taken for each verdict in any case: it takes memory, too. */
    static final long PER_VERDICT = 500;

    private final long max;
    private long limit;
    private long taken;

    public Steps(long max) {
        this.max = max;
        limit = max;
    }

    /** Lets the steps that follow, together with those of all before, be no more than this, until it is called again. */
    public void begin(long most) {
        limit = Math.min(max, taken + most);
    }

    /** Thrown where no steps are left. */
    public static final class Exhausted extends RuntimeException {
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
    public void take(long steps) {
        taken += steps;
        if (taken > limit) {
            throw new Exhausted("more than " + limit + " steps");
        }
    }

    public long taken() {
        return taken;
    }
}
