package io.denywatch.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One watch request, with the events that have not been processed. The client's threads write it, one at a time, and
 * the cluster thread reads it; they share the queue and two volatile fields.
 */
final class WatchStream<T> implements AsyncBody.Consumer<List<ByteBuffer>> {
    /** Maximum number of events that wait to be processed; with more, the watch ends and everything is listed again. */
    static final int EVENTS_MAX = 4_096;

    /** Longest event in bytes; etcd keeps objects below 2 MiB. */
    static final int EVENT_BYTES_MAX = 8 * 1024 * 1024;

    private final JsonMapper json;
    private final Function<JsonNode, Optional<T>> reading;
    private final ArrayBlockingQueue<Event<T>> events = new ArrayBlockingQueue<>(EVENTS_MAX);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private volatile @Nullable AsyncBody body;
    private volatile @Nullable Integer end;

    /** A change as the server reports it. */
    sealed interface Event<T> {
        /**
         * An object exists or has changed.
         *
         * @param item what is kept of it, if anything
         */
        record Present<T>(String key, Optional<T> item, String resourceVersion) implements Event<T> {}

        /** An object was deleted. */
        record Gone<T>(String key, String resourceVersion) implements Event<T> {}

        /** All changes up to this version have been reported. */
        record Bookmark<T>(String resourceVersion) implements Event<T> {}
    }

    WatchStream(JsonMapper json, Function<JsonNode, Optional<T>> reading) {
        this.json = json;
        this.reading = reading;
    }

    /** The key of an object among those of its kind. */
    static String key(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return metadata.path("namespace").asString("") + "/"
                + metadata.path("name").asString("");
    }

    /** Starts to read the answer when it arrives. */
    void take(CompletableFuture<HttpResponse<AsyncBody>> answer) {
        var _ = answer.whenComplete((response, failure) -> {
            if (failure != null) {
                end(ClusterException.NO_ANSWER);
            } else if (!response.isSuccessful()) {
                end(response.code());
                response.body().cancel();
            } else {
                AsyncBody opened = response.body();
                body = opened;
                var _ = opened.done().whenComplete((_, _) -> end(response.code()));
                if (end != null) {
                    opened.cancel();
                }
                opened.consume();
            }
        });
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody source) {
        for (ByteBuffer buffer : buffers) {
            while (buffer.hasRemaining()) {
                byte b = buffer.get();
                if (b == '\n') {
                    receive(line.toByteArray());
                    line.reset();
                } else if (line.size() < EVENT_BYTES_MAX) {
                    line.write(b);
                } else {
                    close();
                }
            }
        }
        source.consume();
    }

    private void receive(byte[] text) {
        try {
            JsonNode event = json.readTree(text);
            JsonNode object = event.path("object");
            String resourceVersion =
                    object.path("metadata").path("resourceVersion").asString("");
            switch (event.path("type").asString("")) {
                case "ADDED", "MODIFIED" ->
                    offer(new Event.Present<>(key(object), reading.apply(object), resourceVersion));
                case "DELETED" -> offer(new Event.Gone<>(key(object), resourceVersion));
                case "BOOKMARK" -> offer(new Event.Bookmark<>(resourceVersion));
                default -> end(object.path("code").asInt(ClusterException.NO_ANSWER));
            }
        } catch (JacksonException e) {
            end(ClusterException.NO_ANSWER);
        }
    }

    private void offer(Event<T> event) {
        if (end == null && !events.offer(event)) {
            end(ClusterException.NO_ANSWER);
        }
    }

    private synchronized void end(int status) {
        if (end == null) {
            end = status;
        }
    }

    /** The next event, if one is waiting. */
    @Nullable
    Event<T> poll() {
        return events.poll();
    }

    /** Whether the server has begun to answer. */
    boolean isOpen() {
        return body != null;
    }

    /**
     * The status of the watch once it has ended: 200 is the usual end, 410 requires a new list. All earlier events are
     * then in the queue.
     */
    OptionalInt end() {
        Integer status = end;
        return status == null ? OptionalInt.empty() : OptionalInt.of(status);
    }

    /** Ends the request in any state. */
    void close() {
        end(ClusterException.NO_ANSWER);
        AsyncBody opened = body;
        if (opened != null) {
            opened.cancel();
        }
    }
}
