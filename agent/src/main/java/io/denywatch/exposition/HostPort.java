package io.denywatch.exposition;

import io.denywatch.ip.Ip;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The text of a listening address. */
public final class HostPort {
    private HostPort() {}

    /** The canonical text: RFC 5952, in brackets, for an IPv6 address. */
    public static String text(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        String host = ip == null
                ? address.getHostString()
                : Ip.parse(ip.getHostAddress().replaceFirst("%.*", "")).toString();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
