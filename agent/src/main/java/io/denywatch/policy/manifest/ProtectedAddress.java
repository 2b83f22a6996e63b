package io.denywatch.policy.manifest;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.LoadBalancerRules;
import io.denywatch.policy.Protocol;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An address of a load balancer, or those of all load balancers, with a port and a protocol or all of them.
 *
 * @param address one address; null for those in the network sets that agents with {@code loadBalancers.publish} write
 * @param port the port; null for all
 * @param protocol TCP, UDP or SCTP; null for TCP and UDP
 */
public record ProtectedAddress(
        @Nullable IpPrefix address,
        @Nullable Integer port,
        @Nullable Protocol protocol) {
    /** Checks that it is one address, a port and a protocol with ports. */
    public ProtectedAddress {
        if (address != null && !address.isSingle()) {
            throw new IllegalArgumentException("load balancer " + address + " is not allowed; allowed: one address");
        }
        if (address != null && !LoadBalancerRules.isDestination(address)) {
            throw new IllegalArgumentException("load balancer " + address
                    + " is not allowed; allowed: an address that packets from elsewhere can have as destination");
        }
        if (port != null && (port < 1 || port > 65_535)) {
            throw new IllegalArgumentException("port " + port + " is not allowed; allowed: 1 to 65535");
        }
        if (protocol != null && !PROTOCOLS.contains(protocol)) {
            throw new IllegalArgumentException(
                    "protocol " + protocol + " of a load balancer is not allowed; allowed: TCP, UDP, SCTP");
        }
    }

    /** Stands for all load balancers. */
    public static final String DISCOVERED = "discovered";

    /** The end of an IPv6 address without brackets that may have been meant as a port. */
    private static final Pattern TAIL = Pattern.compile("(.*[^:]):([1-9][0-9]{1,4})");

    private static final Pattern PORT = Pattern.compile("[0-9]{1,9}");

    private static final List<Protocol> PROTOCOLS = List.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP);

    /**
     * Reads {@code IP}, {@code IP:PORT} or {@code IP:PORT/PROTOCOL}; an IPv6 address with a port stands in brackets.
     * {@value #DISCOVERED} in place of the address stands for all load balancers.
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
            return new ProtectedAddress(addressOf(address), null, null);
        }
        String[] parts = text.substring(colon + 1).split("/", -1);
        if (parts.length > 2 || !PORT.matcher(parts[0]).matches()) {
            throw notOne(text);
        }
        return new ProtectedAddress(
                addressOf(address), Integer.valueOf(parts[0]), parts.length == 2 ? protocol(parts[1], text) : null);
    }

    private static @Nullable IpPrefix addressOf(String text) {
        return text.equals(DISCOVERED) ? null : IpPrefix.parse(text);
    }

    private static Protocol protocol(String name, String text) {
        try {
            return Protocol.parse(name);
        } catch (IllegalArgumentException unknown) {
            throw notOne(text);
        }
    }

    /** The address and port that an IPv6 address without brackets may have been meant as; empty if none. */
    public static Optional<String> meant(String text) {
        Matcher tail = TAIL.matcher(text);
        return text.startsWith("[") || text.indexOf(':') == text.lastIndexOf(':') || !tail.matches()
                ? Optional.empty()
                : Optional.of("[" + tail.group(1) + "]:" + tail.group(2));
    }

    private static IllegalArgumentException notOne(String text) {
        return new IllegalArgumentException(
                "load balancer \"" + text + "\" is not allowed; allowed: IP, IP:PORT or IP:PORT/PROTOCOL, with"
                        + " ports from 1 to 65535 and TCP, UDP or SCTP");
    }

    /** Whether it stands for all load balancers. */
    public boolean isDiscovered() {
        return address == null;
    }

    /** Whether its address has this IP version. */
    boolean isOfVersion(int ipVersion) {
        return address != null && Intervals.ipVersion(address) == ipVersion;
    }

    /** The protocols of the packets it covers. */
    List<Protocol> protocols() {
        return protocol == null ? List.of(Protocol.TCP, Protocol.UDP) : List.of(protocol);
    }
}
