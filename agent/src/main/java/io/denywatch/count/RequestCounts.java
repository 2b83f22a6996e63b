package io.denywatch.count;

import java.util.Map;

/**
 * Requests to the Kubernetes API since the process began. Immutable. All that is named here becomes a series: few names,
 * known beforehand, and counted from 0 on.
 *
 * @param answered requests by verb and code
 * @param seconds by verb, from sending to the head of the answer; requests without an answer are not among them
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
     * A label pair of the counter.
     *
     * @param verb in the API's words: {@code get}, {@code list}, {@code watch}, {@code create}, {@code update} and the like
     * @param code the status of the answer, {@code error} for none (seen half a minute late), {@code other} for what is no
     *     status or one too many
     */
    public record VerbAndCode(String verb, String code) {}
}
