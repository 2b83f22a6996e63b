package io.denywatch.cluster;

import static java.net.HttpURLConnection.HTTP_BAD_REQUEST;
import static java.net.HttpURLConnection.HTTP_FORBIDDEN;
import static java.net.HttpURLConnection.HTTP_OK;

import io.denywatch.cluster.WatchStream.Event;
import io.denywatch.process.BackOff;
import io.denywatch.process.LogOnce;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Keeps the objects of one kind up to date: lists them, then follows their changes. Confined to the cluster thread.
 *
 * <p>What is known stays known while the server is away. Each watch is asked to end after a few minutes, and is dropped
 * if it does not, because a dead connection may go unnoticed. The next watch continues from the last change seen, so
 * nothing is lost in between. If the server no longer has the version to continue from (410), and in any case every
 * half hour, everything is listed again.
 */
public final class ListWatch<T> implements AutoCloseable {
    /**
     * The shortest time for which a watch is requested. The longest is half as much again, so that agents do not all
     * reconnect at once.
     */
    static final int WATCH_SECONDS_MIN = 240;

    /** How long after its agreed end a watch is dropped. */
    static final int GRACE_MILLIS = 30_000;

    /** How long the server may take to answer a watch. */
    static final int OPEN_MILLIS_MAX = 10_000;

    /** Everything is listed again after this time, however well the watch works. */
    static final int RELIST_MILLIS = 30 * 60 * 1_000;

    /** Time until everything is listed again after a list was too large. */
    static final int TOO_LARGE_RETRY_MILLIS = 5 * 60 * 1_000;

    /** Longest wait after the first failure; it doubles with each further one. */
    static final int RETRY_MILLIS_MIN = 1_000;

    /** Longest wait after any failure. */
    static final int RETRY_MILLIS_MAX = 30_000;

    private final ClusterConnection connection;
    private final WatchedResource<T> kind;
    private final RandomGenerator random;
    private final BackOff backOff;
    private final Supplier<MemoryBudget> budgets;
    private MemoryBudget budget;
    private final Map<String, T> items = new LinkedHashMap<>();
    private int selector;
    private String resourceVersion = "";
    private @Nullable WatchStream<T> feed;
    private boolean feedSpoke;
    private long openedMillis;
    private long feedUntilMillis;
    private long listedMillis;
    private long heardMillis;
    private long attemptMillis;
    private boolean known;
    private final LogOnce reading;

    /**
     * Creates a watch; sends nothing yet.
     *
     * @param connection not owned
     * @param random spreads the agents' requests
     */
    public ListWatch(ClusterConnection connection, WatchedResource<T> kind, RandomGenerator random) {
        this(connection, kind, random, () -> MemoryBudget.ofHeap(kind.name()));
    }

    ListWatch(
            ClusterConnection connection,
            WatchedResource<T> kind,
            RandomGenerator random,
            Supplier<MemoryBudget> budgets) {
        this.budgets = budgets;
        budget = budgets.get();
        this.connection = connection;
        this.kind = kind;
        this.random = random;
        backOff = new BackOff(RETRY_MILLIS_MIN, RETRY_MILLIS_MAX, random);
        reading = new LogOnce(System.getLogger(ListWatch.class.getName()), kind.name() + " are read again");
    }

    /** The objects as last reported. */
    public Collection<T> items() {
        return items.values();
    }

    /** Whether a list has been read since the start. */
    public boolean isKnown() {
        return known;
    }

    /** When the server last reported anything, including that nothing changed; Unix milliseconds, 0 for never. */
    long heardMillis() {
        return heardMillis;
    }

    /** Why nothing can be read now, in one line; empty if all is well. */
    public String problem() {
        return reading.problem();
    }

    /**
     * Processes what arrived and does what is due; may wait for the answer to a list.
     *
     * @return whether the objects, or whether they are known, have changed
     */
    public boolean poll(long nowMillis) {
        boolean changed = false;
        WatchStream<T> open = feed;
        if (open != null) {
            OptionalInt end = open.end();
            changed = take(open, nowMillis);
            if (feed == null) {
                resourceVersion = ""; // a new list is needed: the changes since the last one took too much memory
            } else if (end.isPresent()) {
                ended(end.getAsInt(), nowMillis);
            } else if (nowMillis >= feedUntilMillis
                    || (!open.isOpen() && nowMillis >= openedMillis + OPEN_MILLIS_MAX)) {
                ended(ClusterException.NO_ANSWER, nowMillis);
            }
        }
        if (feed == null && nowMillis >= attemptMillis) {
            changed |= begin(nowMillis);
        }
        return changed;
    }

    private boolean take(WatchStream<T> open, long nowMillis) {
        boolean changed = false;
        for (Event<T> event = open.poll(); event != null; event = open.poll()) {
            feedSpoke = true;
            heardMillis = nowMillis;
            switch (event) {
                case Event.Present<T>(var key, var item, var version) -> {
                    if (!budget.tries(
                            item.map(kept -> kind.size().applyAsLong(kept)).orElse(0L))) {
                        close();
                        return changed;
                    }
                    changed |= item.map(kept -> !kept.equals(items.put(key, kept)))
                            .orElseGet(() -> items.remove(key) != null);
                    resourceVersion = version;
                }
                case Event.Gone<T>(var key, var version) -> {
                    changed |= items.remove(key) != null;
                    resourceVersion = version;
                }
                case Event.Bookmark<T>(var version) -> resourceVersion = version;
            }
        }
        if (open.isOpen() && reading.isFailing()) {
            recovered();
        }
        return changed;
    }

    private void ended(int status, long nowMillis) {
        close();
        if (status == HTTP_OK && (feedSpoke || nowMillis >= openedMillis + RETRY_MILLIS_MAX)) {
            backOff.worked();
            attemptMillis = openedMillis + RETRY_MILLIS_MIN;
            return;
        }
        // A server may end a watch early and without an event because it does not know the version.
        if (!feedSpoke) {
            resourceVersion = "";
        }
        failed(status, "watch of " + kind.name() + " ended: " + (status == 0 ? "no connection" : status), nowMillis);
    }

    private boolean begin(long nowMillis) {
        boolean changed = false;
        if (resourceVersion.isEmpty() || nowMillis >= listedMillis + RELIST_MILLIS) {
            try {
                changed = list(nowMillis);
            } catch (ClusterException e) {
                if (e.status() == HTTP_BAD_REQUEST
                        && selector + 1 < kind.fieldSelectors().size()) {
                    selector++;
                } else {
                    failed(e.status(), String.valueOf(e.getMessage()), nowMillis);
                }
                return false;
            }
        }
        int seconds = WATCH_SECONDS_MIN + random.nextInt(WATCH_SECONDS_MIN / 2);
        feed = connection.watch(
                path("watch=1&allowWatchBookmarks=true&timeoutSeconds=" + seconds + "&resourceVersion="
                        + resourceVersion),
                kind.reading());
        feedSpoke = false;
        openedMillis = nowMillis;
        feedUntilMillis = nowMillis + seconds * 1_000L + GRACE_MILLIS;
        return changed;
    }

    private boolean list(long nowMillis) throws ClusterException {
        Map<String, T> listed = new LinkedHashMap<>();
        MemoryBudget listBudget = budgets.get();
        // A list from an API server's cache may be old, but the watch adds what it lacks, and etcd has less work.
        resourceVersion = connection.list(
                path("resourceVersion=0"),
                listBudget,
                object -> kind.reading()
                        .apply(object)
                        .map(item -> {
                            listed.put(WatchStream.key(object), item);
                            return kind.size().applyAsLong(item);
                        })
                        .orElse(0L));
        budget = listBudget;
        boolean changed = !known || !listed.equals(items);
        items.clear();
        items.putAll(listed);
        known = true;
        listedMillis = nowMillis - random.nextInt(RELIST_MILLIS / 4);
        heardMillis = nowMillis;
        recovered();
        return changed;
    }

    private String path(String query) {
        String fields = kind.fieldSelectors().get(selector);
        return kind.path() + "?" + query
                + selected("&fieldSelector=", fields)
                + selected("&labelSelector=", kind.labelSelector());
    }

    private static String selected(String parameter, String selector) {
        return selector.isEmpty() ? "" : parameter + URLEncoder.encode(selector, StandardCharsets.UTF_8);
    }

    private void failed(int status, String message, long nowMillis) {
        boolean again = backOff.isFailing();
        attemptMillis = nowMillis + backOff.failed();
        if (status == ClusterException.TOO_LARGE) { // each attempt reads all of it
            attemptMillis = nowMillis + TOO_LARGE_RETRY_MILLIS;
        }
        // A single lost watch is normal; it is a problem once the next attempt fails as well.
        if (!known || again || status == ClusterException.TOO_LARGE) {
            reading.failed(
                    status == HTTP_FORBIDDEN
                            ? kind.name() + " cannot be read: 403; missing: "
                                    + kind.permission().rule()
                            : message);
        }
    }

    private void recovered() {
        backOff.worked();
        reading.worked();
    }

    /** Ends the watch; what is known stays. */
    @Override
    public void close() {
        WatchStream<T> open = feed;
        if (open != null) {
            open.close();
            feed = null;
        }
    }

    /**
     * A kind of object to follow, and what is kept of each object.
     *
     * @param name in messages, as in {@code services}
     * @param path of all of them, from {@code /api} on
     * @param fieldSelectors selectors to try in turn, because older servers answer 400 to those they do not know; an
     *     empty one selects all objects
     * @param labelSelector selects objects by their labels; an empty one selects all
     * @param permission needed to read it
     * @param reading what is kept of an object, if anything
     * @param size of that in memory
     */
    public record WatchedResource<T>(
            String name,
            String path,
            List<String> fieldSelectors,
            String labelSelector,
            Permission permission,
            Function<JsonNode, Optional<T>> reading,
            ToLongFunction<T> size) {
        /** Copies the list. */
        public WatchedResource {
            fieldSelectors = List.copyOf(fieldSelectors);
        }

        /** A kind whose objects are not selected by labels. */
        public WatchedResource(
                String name,
                String path,
                List<String> fieldSelectors,
                Permission permission,
                Function<JsonNode, Optional<T>> reading,
                ToLongFunction<T> size) {
            this(name, path, fieldSelectors, "", permission, reading, size);
        }
    }
}
