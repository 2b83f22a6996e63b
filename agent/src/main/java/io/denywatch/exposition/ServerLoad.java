package io.denywatch.exposition;

/** What all connections together hold, and how much that may be. Confined to the one event loop. */
final class ServerLoad {
    /** Prometheus, the kubelet and a few people need about a dozen. */
    static final int CONNECTIONS_MAX = 64;
    /** Bodies that clients have not taken yet; a page of 256 load balancers with 20 sources each is below 1 MiB. */
    static final int UNSENT_BYTES_MAX = 8 * 1024 * 1024;
    /** Bodies up to this size are always sent, so that probes are answered while slow clients fill the rest. */
    static final int SMALL_BODY_BYTES = 4 * 1024;

    private long unsentBytes;

    /** Takes a body if there is room for it; then {@link #sent} is due when it has been sent, or never will be. */
    boolean sending(int bytes) {
        // The first is always taken, however large: a bound must not make the page unreachable for good.
        if (bytes > SMALL_BODY_BYTES && unsentBytes > 0 && unsentBytes + bytes > UNSENT_BYTES_MAX) {
            return false;
        }
        unsentBytes += bytes;
        return true;
    }

    void sent(int bytes) {
        unsentBytes -= bytes;
        assert unsentBytes >= 0 : "more bytes sent than taken";
    }
}
