package io.denywatch.agent;

import io.denywatch.config.Configuration;
import io.denywatch.config.Setting;
import io.denywatch.exposition.ExpositionSettings;
import io.denywatch.exposition.HostPort;
import io.denywatch.exposition.MetricsServer;
import io.denywatch.exposition.ProbeServer;
import io.denywatch.exposition.Published;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import io.denywatch.web.WebConfigException;
import io.denywatch.web.WebConfigFile;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** Serves what is published, on threads of its own. Confined to the main thread. */
final class Serving implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Serving.class.getName());

    private final MetricsServer server;
    private final Optional<ProbeServer> probes;

    private Serving(MetricsServer server, Optional<ProbeServer> probes) {
        this.server = server;
        this.probes = probes;
    }

    /** Starts listening. */
    static Serving start(Configuration configuration, Published published, ProcessContext world) {
        Configuration.HttpSettings http = configuration.http();
        MetricsServer server = server(configuration, published, world);
        try {
            return new Serving(server, http.probes().map(listen -> probes(listen, published, server, world)));
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static MetricsServer server(Configuration configuration, Published published, ProcessContext world) {
        Configuration.HttpSettings http = configuration.http();
        ExpositionSettings settings = new ExpositionSettings(
                http.listen(),
                http.allowedHosts(),
                http.webConfig().map(Serving::webConfig),
                configuration.node(),
                Version.number(),
                Version.revision());
        try {
            return MetricsServer.start(settings, published, world.clock());
        } catch (BindException e) {
            throw notBound(Setting.HTTP_LISTEN, e);
        }
    }

    private static WebConfigFile webConfig(Path file) {
        try {
            return WebConfigFile.open(file);
        } catch (WebConfigException e) {
            throw CommandFailure.usage(Setting.HTTP_WEB_CONFIG.key() + ": " + file + ": " + e.getMessage());
        }
    }

    private static ProbeServer probes(
            InetSocketAddress listen, Published published, MetricsServer server, ProcessContext world) {
        try {
            return ProbeServer.start(listen, published.ingest(), server::problem, world.clock());
        } catch (BindException e) {
            throw notBound(Setting.HTTP_PROBES, e);
        }
    }

    private static CommandFailure notBound(Setting setting, BindException e) {
        return CommandFailure.failed(setting.key() + ": " + e.getMessage() + "; allowed: " + setting.allowed());
    }

    /** Logs the addresses. */
    void announce() {
        LOG.log(Level.INFO, "listening on {0}://{1}", server.scheme(), HostPort.text(server.address()));
        probes.ifPresent(
                listening -> LOG.log(Level.INFO, "answering probes on http://{0}", HostPort.text(listening.address())));
    }

    @Override
    public void close() {
        probes.ifPresent(ProbeServer::close);
        server.close();
    }
}
