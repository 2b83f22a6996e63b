package io.denywatch.exposition;

import io.netty.util.concurrent.Ticker;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.InstantSource;

/**
 * Serves metrics, probes and the API over HTTP/1.1: GET and HEAD only, bounded in request size, connections, time and
 * unsent bytes. Its event loop is the thread {@code http}; it reads what other threads published.
 */
public final class MetricsServer implements AutoCloseable {
    private final HttpListener listener;
    private final Access access;
    private final RenderedPages rendered;
    private final MetricsPage metrics;

    private MetricsServer(HttpListener listener, Access access, RenderedPages rendered, MetricsPage metrics) {
        this.listener = listener;
        this.access = access;
        this.rendered = rendered;
        this.metrics = metrics;
    }

    /**
     * Binds and serves.
     *
     * @param published what to serve
     * @param clock of the times in {@code published}
     * @throws BindException if the address cannot be listened on; the message names it and the reason
     */
    public static MetricsServer start(ExpositionSettings settings, Published published, InstantSource clock)
            throws BindException {
        String javaVersion = Runtime.version().toString();
        MetricsPage metrics = new MetricsPage(settings, javaVersion, published, clock);
        Connections connections = new Connections();
        RenderedPages rendered = new RenderedPages(connections, Ticker.systemTicker());
        Pages pages = new Pages(settings, metrics, published, clock, rendered);
        AllowedHosts hosts = new AllowedHosts(settings.allowedHosts());
        Access access = new Access(settings.web());
        try {
            HttpListener listener = HttpListener.start(
                    settings.listen(), "http", new ConnectionInitializer(pages, hosts, access, connections));
            return new MetricsServer(listener, access, rendered, metrics);
        } catch (BindException e) {
            metrics.close();
            throw e;
        }
    }

    /** The address that it listens on; its port is never 0. */
    public InetSocketAddress address() {
        return listener.address();
    }

    /** The scheme of its URLs: {@code http} or {@code https}. */
    public String scheme() {
        return access.encrypts() ? "https" : "http";
    }

    /** The metric families missing from the page and the reasons, in one line; empty if none. Any thread may ask. */
    public String problem() {
        return metrics.problem();
    }

    /** Stops listening, drops the connections and ends the thread. Not for the event loop's own thread. */
    @Override
    public void close() {
        access.close();
        listener.close();
        rendered.close();
        metrics.close();
    }
}
