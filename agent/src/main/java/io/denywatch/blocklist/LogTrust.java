package io.denywatch.blocklist;

/** How far log lines are trusted, depending on who can write them. Immutable. */
public enum LogTrust {
    /** The kernel alone writes the log. */
    TRUSTED(""),
    /**
     * Every local user can write to the log, but its lines count nevertheless. An established response in it never ends
     * a block. If the policies prove that logged packets are denied, the response is ignored, because that proof cannot
     * be forged. Without that proof, the response exempts the source that it went to: blocking a legitimate client
     * is the worse mistake.
     */
    FORGEABLE(""),
    /** Every local user can write to the log, and its lines never lead to a block. */
    REFUSED("no new source is blocked: blocklist.requireTrustedLog is true, and any local user can write to the log");

    private final String problem;

    LogTrust(String problem) {
        this.problem = problem;
    }

    /** Why no source is blocked, in one line; empty if sources are blocked. */
    String problem() {
        return problem;
    }

    /** Whether an established response ends the block of the source that it went to. */
    public boolean believesEstablished() {
        return this == TRUSTED;
    }
}
