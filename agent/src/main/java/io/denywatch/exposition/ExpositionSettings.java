package io.denywatch.exposition;

import java.net.InetSocketAddress;

/**
 * Where to serve, and who serves: the node, and what the constant series {@code denywatch_build_info} says.
 *
 * @param listen a resolved address; port 0 takes a free one
 * @param node the name of this node
 * @param version of denywatch
 * @param revision of its sources
 */
public record ExpositionSettings(InetSocketAddress listen, String node, String version, String revision) {
    /** Checks that the address is one to bind to. */
    public ExpositionSettings {
        if (listen.isUnresolved()) {
            throw new IllegalArgumentException("http.listen needs an IP address or a host name that resolves: "
                    + listen.getHostString() + ":" + listen.getPort());
        }
    }
}
