package io.denywatch.exposition;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A path that is served, and what for: the one place where the paths are written. */
public enum Route {
    /** For people. */
    INDEX("/", "this page"),
    /** For Prometheus. */
    METRICS("/metrics", "metrics, as Prometheus text or OpenMetrics"),
    /** For the kubelet. */
    LIVEZ("/livez", "whether the agent runs"),
    /** For the kubelet. */
    READYZ("/readyz", "whether the log can be read"),
    /** For programs. */
    NLBS("/api/v1/nlbs", "denied packets by load balancer, and the state of the log"),
    /** For programs. */
    SOURCES("/api/v1/sources", "the noisiest sources of one load balancer: ?nlb=IP"),
    /** For programs. */
    BLOCKLIST("/api/v1/blocklist", "who is blocked, until when and why; the rules"),
    /** For programs. */
    FINDINGS("/api/v1/findings", "what is wrong with the cluster, why it matters and what to do");

    private static final Map<String, Route> BY_PATH =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Route::path, Function.identity()));

    private final String path;
    private final String purpose;

    Route(String path, String purpose) {
        this.path = path;
        this.purpose = purpose;
    }

    /** Its path, without a query. */
    public String path() {
        return path;
    }

    String purpose() {
        return purpose;
    }

    /** The route at a decoded path; none where nothing is served. */
    static @Nullable Route at(String path) {
        return BY_PATH.get(path);
    }
}
