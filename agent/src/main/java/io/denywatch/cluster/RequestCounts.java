package io.denywatch.cluster;

import io.denywatch.blocklist.Latencies;
import java.util.Map;

/**
 * Requests to the Kubernetes API since start. Immutable.
 *
 * @param requests how many there were
 * @param durations by verb, from sending to the head of the answer; requests without an answer are not among them
 */
public record RequestCounts(Map<VerbAndCode, Long> requests, Map<Verb, Latencies> durations) {
    /** No request. */
    public static final RequestCounts NONE = new RequestCounts(Map.of(), Map.of());

    /** Copies the maps. */
    public RequestCounts {
        requests = Map.copyOf(requests);
        durations = Map.copyOf(durations);
    }

    /**
     * A label pair of a counter.
     *
     * @param verb what was asked
     * @param code the status of the answer, {@code error} for none (seen half a minute late), {@code other} for what is no status or one too many
     */
    public record VerbAndCode(Verb verb, String code) {}
}
