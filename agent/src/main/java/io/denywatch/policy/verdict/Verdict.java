package io.denywatch.policy.verdict;

/** What becomes of the packets that a {@code Log} rule logs, as far as it can be proven from the policies. */
public enum Verdict {
    /** Each of them is dropped: a line is a denied packet. */
    SURELY_DENIED,
    /** That is not proven; some, or all, may be accepted. */
    MAY_NOT_BE_DENIED,
    /** The host endpoint drops none of them; a policy of the pod behind it still may. */
    SURELY_NOT_DENIED,
    /** The analysis was stopped at a limit before it knew, so nothing is proven. */
    NOT_FINISHED
}
