package io.denywatch.config;

import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that accesses a cluster with the user's own credentials. */
public final class ClusterOptions {
    /** The token of the service account, in a pod that may access the API. */
    private static final Path POD_TOKEN = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Kubeconfig file, in place of KUBECONFIG and ~/.kube/config.")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "Context of the kubeconfig, in place of its current context.")
    private @Nullable String context;

    /** Whether a cluster is specified, by these options or by the client's defaults. */
    public boolean isNamed(ProcessContext world) {
        return kubeconfig != null
                || context != null
                || world.environment().containsKey("KUBECONFIG")
                || (world.environment().containsKey(ConfigurationReader.IN_POD) && Files.isReadable(POD_TOKEN))
                || Files.isReadable(
                        Path.of(world.environment().getOrDefault("HOME", "/nonexistent"), ".kube", "config"));
    }

    /** Whether any of these options was given. */
    public boolean isGiven() {
        return kubeconfig != null || context != null;
    }

    /** Creates a connection and sends nothing yet. */
    public ClusterConnection connect(ProcessContext world) {
        try {
            return ClusterConnection.open(
                    Optional.ofNullable(kubeconfig),
                    Optional.ofNullable(context),
                    Version.number(),
                    System::nanoTime,
                    world.patience());
        } catch (ClusterException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()));
        }
    }
}
