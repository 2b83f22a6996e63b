package io.denywatch.exposition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * The connections of a listener. Over a limit it is not the newcomer that goes, for strangers could then keep everybody
 * else out, but the connection that has gone longest without a whole request. Confined to the event loop.
 */
final class Connections {
    /** Prometheus, the kubelet and a few people need about a dozen. */
    static final int CONNECTIONS_MAX = 64;
    /** From one address; a browser opens six. */
    static final int PER_PEER_MAX = 8;

    /** Mute ones go first, and last what is taking an answer: cut off, it would ask for all of it again. */
    private static final Comparator<Connection> LEAST_LAST = Comparator.comparing(Connection::isMute)
            .thenComparing(connection -> !connection.isAnswering())
            .thenComparingLong(Connection::nanosWithoutRequest);

    private final List<Connection> open = new ArrayList<>();

    /** Takes a connection, and closes another if there are too many. */
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

    /** Whether so many are open that those which ask again and again must not keep the loop from the others. */
    boolean isCrowded() {
        return open.size() > CONNECTIONS_MAX / 2;
    }

    int size() {
        return open.size();
    }

    /** Closes the connection that has been taking an answer for longest, if there is one. */
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
