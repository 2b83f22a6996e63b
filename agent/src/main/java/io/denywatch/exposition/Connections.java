package io.denywatch.exposition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The connections of a listener. At a limit, the connection that has gone longest without a complete request is closed,
 * not the new one: otherwise a few clients could lock out all others. Confined to the event loop.
 */
final class Connections {
    /** Maximum number of connections; Prometheus, the kubelet and a few people need about a dozen. */
    static final int CONNECTIONS_MAX = 64;
    /** Maximum number of connections from one address; a browser opens six. */
    static final int PER_PEER_MAX = 8;

    /**
     * Mute connections are closed first. Those receiving a response are closed last, because their clients would
     * request all of it again.
     */
    private static final Comparator<Connection> LEAST_LAST = Comparator.comparing(Connection::isMute)
            .thenComparing(connection -> !connection.isAnswering())
            .thenComparingLong(Connection::nanosWithoutRequest);

    private final List<Connection> open = new ArrayList<>();

    /** Adds a connection; closes another if there are too many. */
    void add(Connection connection) {
        Predicate<Connection> samePeer = other -> other.peer().equals(connection.peer());
        if (open.stream().filter(samePeer).count() >= PER_PEER_MAX) {
            closeLeast(samePeer);
        } else if (open.size() >= CONNECTIONS_MAX) {
            closeLeast(other -> true);
        }
        open.add(connection);
    }

    void remove(Connection connection) {
        open.remove(connection);
    }

    /** Whether so many connections are open that each must pause between requests, so that none delays the others. */
    boolean isCrowded() {
        return open.size() > CONNECTIONS_MAX / 2;
    }

    int size() {
        return open.size();
    }

    /** Closes the connection that has been receiving a response for longest, if there is one. */
    boolean closeSlowest() {
        return closeLeast(Connection::isAnswering);
    }

    private boolean closeLeast(Predicate<Connection> candidates) {
        return open.stream()
                .filter(candidates)
                .max(LEAST_LAST)
                .map(least -> {
                    open.remove(least);
                    least.close();
                    return true;
                })
                .orElse(false);
    }
}
