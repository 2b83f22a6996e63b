package io.denywatch.exposition;

import java.util.Map;

/**
 * What was asked of the Kubernetes API since the process began, as of one moment. Immutable. All that is named here
 * becomes a series: few names, known beforehand, and counted from 0 on.
 *
 * @param answered requests by verb and code
 * @param seconds how long requests took, by verb
 */
public record KubernetesRequests(Map<VerbCode, Long> answered, Map<String, Histogram> seconds) {
    /** There is no cluster: no series. */
    public static final KubernetesRequests NONE = new KubernetesRequests(Map.of(), Map.of());

    /** Copies the maps. */
    public KubernetesRequests {
        answered = Map.copyOf(answered);
        seconds = Map.copyOf(seconds);
    }

    /**
     * A label pair of the counter.
     *
     * @param verb in the API's words: {@code get}, {@code list}, {@code watch}, {@code create}, {@code update} and the like
     * @param code of the HTTP response, or {@code error} where there was none
     */
    public record VerbCode(String verb, String code) {}
}
