package io.denywatch.cluster;

import io.fabric8.kubernetes.client.Config;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the configured cluster: in a kubeconfig, or in the environment of a pod. */
final class Kubeconfig {
    private Kubeconfig() {}

    /** Reads the configuration. The message of a failure is one line and quotes nothing that may be secret. */
    static Config read(Optional<Path> kubeconfig, Optional<String> context) throws ClusterException {
        Config config;
        try {
            if (kubeconfig.isPresent()) {
                if (!Files.isReadable(kubeconfig.get())) {
                    throw unusable("kubeconfig " + kubeconfig.get() + " cannot be read");
                }
                config = context.isPresent()
                        ? Config.fromKubeconfig(context.get(), kubeconfig.get().toFile())
                        : Config.fromKubeconfig(kubeconfig.get().toFile());
            } else {
                config = Config.autoConfigure(context.orElse(null));
            }
        } catch (RuntimeException e) { // the client passes on its parsers' exceptions, which have no common type
            // Their messages may quote the file, and the quoted part may be a token.
            throw unusable("kubeconfig " + kubeconfig.map(Path::toString).orElse("in KUBECONFIG or ~/.kube/config")
                    + " cannot be used: it is not what kubectl writes ("
                    + e.getClass().getSimpleName() + ")");
        }
        if (context.isPresent()
                && (config.getCurrentContext() == null
                        || !config.getCurrentContext().getName().equals(context.get()))) {
            throw unusable("context \"" + context.get() + "\" is not in the kubeconfig");
        }
        if ("kubernetes.default.svc".equals(host(config.getMasterUrl()))) {
            throw unusable(
                    "no cluster is configured: neither a pod's service account, nor KUBECONFIG, nor ~/.kube/config");
        }
        return config;
    }

    private static String host(String server) throws ClusterException {
        try {
            URI url = new URI(server);
            if (url.getHost() != null) {
                return url.getHost();
            }
        } catch (URISyntaxException e) {
            // the failure below
        }
        throw unusable("server \"" + server + "\" is not allowed; allowed: a URL such as https://192.0.2.1:6443");
    }

    static ClusterException unusable(String message) {
        return new ClusterException(ClusterException.NO_ANSWER, message);
    }
}
