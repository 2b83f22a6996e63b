package io.denywatch.policy.verdict;

/**
 * Limits the work of an analysis by counting steps instead of time, so that it ends at the same place on every machine.
 * A step compares two intervals, two conditions or two rules. Confined to one thread.
 */
public final class Steps {
    /** Most steps for all policies and nodes together: one or two seconds. */
    public static final long MAX = 10_000_000;

    /** Most steps for one {@code Log} rule at one node, so that enough are left for other rules. */
    public static final long RULE_MAX = 2_000_000;

    /** Steps counted for each verdict, because it also takes memory. */
    static final long PER_VERDICT = 500;

    private final long max;
    private long limit;
    private long taken;

    public Steps(long max) {
        this.max = max;
        limit = max;
    }

    /** Limits the next steps to this number, within the total, until the next call. */
    public void begin(long most) {
        limit = Math.min(max, taken + most);
    }

    /** Thrown when no steps are left. */
    public static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Exhausted(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Counts steps before they are done.
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
