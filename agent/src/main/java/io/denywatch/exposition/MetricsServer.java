package io.denywatch.exposition;

import io.denywatch.ingest.IngestSnapshot;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.function.Supplier;

/** Stub until its room is merged: delete. */
public final class MetricsServer implements AutoCloseable {
    private final InetSocketAddress listen;

    private MetricsServer(InetSocketAddress listen) {
        this.listen = listen;
    }

    public static MetricsServer start(
            ExpositionSettings settings, Supplier<IngestSnapshot> snapshots, InstantSource clock) throws IOException {
        return new MetricsServer(settings.listen());
    }

    public InetSocketAddress address() {
        return listen;
    }

    @Override
    public void close() {}
}
