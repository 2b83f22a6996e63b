package io.denywatch.cluster;

import java.net.HttpURLConnection;

/** A request to the Kubernetes API failed. The message is one line for an operator. */
public final class ClusterException extends Exception {
    /** The status if there was no answer at all. */
    public static final int NO_ANSWER = 0;

    /** The status if there is more than may be kept in memory; a server never answers a read with this status. */
    public static final int TOO_LARGE = HttpURLConnection.HTTP_ENTITY_TOO_LARGE;

    private static final long serialVersionUID = 1;

    private final int status;

    /**
     * A failure.
     *
     * @param status of the HTTP answer, {@link #NO_ANSWER} or {@link #TOO_LARGE}
     * @param message what was tried and what was answered
     */
    public ClusterException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** The status of the HTTP answer, {@link #NO_ANSWER} or {@link #TOO_LARGE}. */
    public int status() {
        return status;
    }
}
