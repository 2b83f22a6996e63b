package io.denywatch.cluster;

/** The Kubernetes API did not do what was asked of it; the message is one line for an operator. */
public final class ClusterException extends Exception {
    /** The status where there was no answer at all. */
    public static final int NO_ANSWER = 0;

    private static final long serialVersionUID = 1;

    private final int status;

    /**
     * A failure.
     *
     * @param status of the HTTP answer, or {@link #NO_ANSWER}
     * @param message what was tried, what was answered
     */
    public ClusterException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The status of the HTTP answer, or {@link #NO_ANSWER}. */
    public int status() {
        return status;
    }
}
