package io.denywatch.policy.verdict;

/** The fate of the packets that a {@code Log} rule logs, as far as the policies prove it. */
public enum Verdict {
    /** Each of them is dropped: a line is a denied packet. */
    SURELY_DENIED,
    /** Not proven; some or all may be accepted. */
    MAY_NOT_BE_DENIED,
    /** The host endpoint drops none of them; a policy of the destination pod still may. */
    SURELY_NOT_DENIED,
    /** The analysis reached a limit, so nothing is proven. */
    NOT_FINISHED
}
