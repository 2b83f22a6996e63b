package io.denywatch.count;

import java.util.Map;

/**
 * Requests to the Kubernetes API since the process began. Immutable. Each key becomes a series, so the keys are few and
 * known in advance, and counts start at 0.
 *
 * @param answered requests by verb and code
 * @param seconds durations by verb, from the request to the head of the response; requests without a response are not
 *     included
 */
public record RequestCounts(Map<VerbAndCode, Long> answered, Map<String, Histogram> seconds) {
    /** No request, or no cluster. */
    public static final RequestCounts NONE = new RequestCounts(Map.of(), Map.of());

    /** Copies the maps. */
    public RequestCounts {
        answered = Map.copyOf(answered);
        seconds = Map.copyOf(seconds);
    }

    /**
     * The labels of a request. Immutable.
     *
     * @param verb verb of the API, such as {@code get}, {@code list}, {@code watch}, {@code create} or {@code update}
     * @param code the status of the response, {@code error} for no response (which is known only half a minute later),
     *     or {@code other} for any other status
     */
    public record VerbAndCode(String verb, String code) {}
}
