package io.denywatch.exposition;

import io.denywatch.ip.Ip;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The text of a listening address. */
public final class HostPort {
    private HostPort() {}

    /** The canonical text. An IPv6 address is in brackets, in the form of RFC 5952. */
    public static String text(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        String host = ip == null
                ? address.getHostString()
                : Ip.parse(ip.getHostAddress().replaceFirst("%.*", "")).toString();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
