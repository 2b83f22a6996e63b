package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address of a load balancer, and what of it is meant.
 *
 * @param address one address
 * @param port the port; null for all
 * @param protocol TCP, UDP or SCTP; null for TCP and UDP
 */
public record ProtectedAddress(
        IpPrefix address, @Nullable Integer port, @Nullable Protocol protocol) {
    /** Checks that it is one address, a port and a protocol with ports. */
    public ProtectedAddress {
        if (!address.isSingle()) {
            throw new IllegalArgumentException("load balancer " + address + " is not allowed; allowed: one address");
        }
        if (port != null && (port < 1 || port > 65_535)) {
            throw new IllegalArgumentException("port " + port + " is not allowed; allowed: 1 to 65535");
        }
        if (protocol != null && !PROTOCOLS.contains(protocol)) {
            throw new IllegalArgumentException(
                    "protocol " + protocol + " of a load balancer is not allowed; allowed: TCP, UDP, SCTP");
        }
    }

    private static final List<Protocol> PROTOCOLS = List.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP);

    /**
     * Reads {@code IP}, {@code IP:PORT} or {@code IP:PORT/PROTOCOL}; an IPv6 address with a port stands in brackets.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static ProtectedAddress parse(String text) {
        int bracket = text.indexOf(']');
        boolean bracketed = text.startsWith("[") && bracket > 0;
        boolean bareIpv6 = !bracketed && text.indexOf(':') != text.lastIndexOf(':');
        int colon = bareIpv6 ? -1 : text.indexOf(':', bracketed ? bracket : 0);
        String host = colon < 0 ? text : text.substring(0, colon);
        String address = bracketed && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        if (address.indexOf('/') >= 0) {
            throw notOne(text);
        }
        if (colon < 0) {
            return new ProtectedAddress(IpPrefix.parse(address), null, null);
        }
        String[] parts = text.substring(colon + 1).split("/", -1);
        if (parts.length > 2 || !(Port.parse(parts[0]) instanceof Port.Range range) || range.first() != range.last()) {
            throw notOne(text);
        }
        return new ProtectedAddress(
                IpPrefix.parse(address), range.first(), parts.length == 2 ? Protocol.parse(parts[1]) : null);
    }

    private static IllegalArgumentException notOne(String text) {
        return new IllegalArgumentException(
                "load balancer \"" + text + "\" is not allowed; allowed: IP, IP:PORT or IP:PORT/PROTOCOL");
    }

    /** Whose packets are meant. */
    List<Protocol> protocols() {
        return protocol == null ? List.of(Protocol.TCP, Protocol.UDP) : List.of(protocol);
    }
}
