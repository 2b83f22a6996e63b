package io.denywatch.exposition;

import io.denywatch.api.ApiPaths;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A path that is served. The web page, {@code top}, the chart and the documentation repeat some paths; tests compare
 * them.
 */
public enum Route {
    /** For people. */
    PAGE("/"),
    /** The style sheet of the page. */
    PAGE_STYLE("/page.css"),
    /** The script of the page. */
    PAGE_SCRIPT("/page.js"),
    /** For Prometheus. */
    METRICS("/metrics"),
    /** Whether the agent runs; the kubelet asks for it on the address of {@link ProbeServer}. */
    LIVEZ("/livez"),
    /** Whether the log can be read, or why not; the kubelet asks for it on the address of {@link ProbeServer}, too. */
    READYZ("/readyz"),
    /** For programs: denied packets by load balancer, and the state of the log. */
    NLBS(ApiPaths.NLBS),
    /** For programs: the noisiest sources of one load balancer. */
    SOURCES(ApiPaths.SOURCES),
    /** For programs: which sources are blocked, until when and why; the rules. */
    BLOCKLIST(ApiPaths.BLOCKLIST),
    /** For firewalls: what is blocked in the whole cluster, as text. */
    BLOCKLIST_TEXT(ApiPaths.BLOCKLIST_TEXT),
    /** For programs: what is wrong with the cluster, why it matters and what to do. */
    FINDINGS(ApiPaths.FINDINGS),
    /** For the agent that decides for the whole cluster: what this one counted. */
    SUMMARY(ApiPaths.SUMMARY);

    private static final Map<String, Route> BY_PATH =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Route::path, Function.identity()));

    private final String path;

    Route(String path) {
        this.path = path;
    }

    /** Its path, without a query. */
    public String path() {
        return path;
    }

    /** Whether this is a part of the page, of no use without it. */
    public boolean isPartOfPage() {
        return this == PAGE_STYLE || this == PAGE_SCRIPT;
    }

    /** The route at a decoded path; none where nothing is served. */
    static @Nullable Route at(String path) {
        return BY_PATH.get(path);
    }
}
