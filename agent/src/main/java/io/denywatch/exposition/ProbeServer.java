package io.denywatch.exposition;

import io.denywatch.ingest.IngestSnapshot;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers the kubelet's probes on its own address and thread, {@code probes}, so that load on the other server cannot
 * make the agent look dead. Responses contain no reasons, so they need no access control.
 */
public final class ProbeServer implements AutoCloseable {
    private final HttpListener listener;

    private ProbeServer(HttpListener listener) {
        this.listener = listener;
    }

    /**
     * Binds and serves.
     *
     * @param pageProblem what the page of metrics lacks; empty if nothing
     * @param clock of the times in the snapshots
     * @throws BindException if the address cannot be listened on; the message names it and the reason
     */
    public static ProbeServer start(
            InetSocketAddress listen,
            Supplier<IngestSnapshot> published,
            Supplier<String> pageProblem,
            InstantSource clock)
            throws BindException {
        Site site = (target, accept, allocator) -> {
            IngestSnapshot snapshot = published.get();
            return switch (Route.at(target)) {
                case LIVEZ -> answer(Probe.live(snapshot, clock.millis()), allocator);
                case READYZ -> answer(Probe.ready(snapshot, pageProblem.get()), allocator);
                case null, default -> {
                    String line = "not found; served here: " + Route.LIVEZ.path() + " and " + Route.READYZ.path();
                    yield Pages.text(HttpResponseStatus.NOT_FOUND, line, allocator);
                }
            };
        };
        Access access = new Access(Optional.empty());
        return new ProbeServer(HttpListener.start(
                listen,
                "probes",
                new ConnectionInitializer(site, new AllowedHosts(List.of()), access, new Connections())));
    }

    private static Response answer(Probe probe, ByteBufAllocator allocator) {
        return probe.ok()
                ? Pages.text(HttpResponseStatus.OK, "ok", allocator)
                : Pages.text(HttpResponseStatus.SERVICE_UNAVAILABLE, "no; the reason is at http.listen", allocator);
    }

    /** The address that it listens on; its port is never 0. */
    public InetSocketAddress address() {
        return listener.address();
    }

    /** Stops listening, drops the connections and ends the thread. Not for the event loop's own thread. */
    @Override
    public void close() {
        listener.close();
    }
}
