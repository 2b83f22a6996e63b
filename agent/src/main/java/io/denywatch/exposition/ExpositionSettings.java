package io.denywatch.exposition;

import io.denywatch.web.WebConfigFile;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * Where to serve, and what the server says about itself: the node, and the values of {@code denywatch_build_info}.
 *
 * @param listen a resolved address; port 0 stands for any free port
 * @param allowedHosts names that requests may use for this agent, besides addresses and localhost
 * @param web access control and encryption, if a file defines them; not shared between servers
 * @param node the name of this node
 * @param version of denywatch
 * @param revision of its source code
 */
public record ExpositionSettings(
        InetSocketAddress listen,
        List<String> allowedHosts,
        Optional<WebConfigFile> web,
        String node,
        String version,
        String revision) {
    /** Copies the list and checks that the address is one to bind to. */
    public ExpositionSettings {
        allowedHosts = List.copyOf(allowedHosts);
        if (listen.isUnresolved()) {
            throw new IllegalArgumentException("http.listen needs an IP address or a host name that resolves: "
                    + listen.getHostString() + ":" + listen.getPort());
        }
    }
}
