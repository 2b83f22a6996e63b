package io.denywatch.blocklist;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.stream.Stream;

/**
 * Ranges of the registries of special addresses (RFC 6890) in which a source is never somebody on the Internet that a
 * block would keep out: it is ours, or forged, or stands for many.
 *
 * <p>Not among them: addresses for documentation (RFC 5737, RFC 3849), of which a block neither protects nor harms
 * anybody, so that they serve to try things out; and 6to4 (2002::/16), of which each /48, and so each /64, belongs to
 * the holder of one IPv4 address.
 */
final class SpecialRanges {
    private static final String PRIVATE = "private addresses (RFC 1918)";

    static final List<Range> ALL = List.of(
            // Ours: hosts, networks and clouds number their own machines from these.
            range("10.0.0.0/8", PRIVATE),
            range("172.16.0.0/12", PRIVATE),
            range("192.168.0.0/16", PRIVATE),
            range("100.64.0.0/10", "shared addresses of providers (RFC 6598)"), // also clouds' own services
            range("127.0.0.0/8", "loopback"),
            range("169.254.0.0/16", "link-local addresses (RFC 3927)"), // also clouds' metadata
            range("::1/128", "loopback"),
            range("fc00::/7", "unique local addresses (RFC 4193)"),
            range("fe80::/10", "link-local addresses (RFC 4291)"), // routers and neighbours
            // Forged: nobody sends from these.
            range("0.0.0.0/8", "addresses of this network (RFC 791)"),
            range("224.0.0.0/4", "multicast"),
            range("240.0.0.0/4", "reserved addresses (RFC 1112)"), // and broadcast
            range("::/128", "unspecified address"),
            range("ff00::/8", "multicast"),
            // Many: a /64 of a translator holds all of IPv4, one of Teredo all clients of a server.
            range("64:ff9b::/96", "translated IPv4 addresses (RFC 6052)"),
            range("64:ff9b:1::/48", "translated IPv4 addresses (RFC 8215)"),
            range("2001::/32", "Teredo (RFC 4380)"));

    private SpecialRanges() {}

    private static Range range(String addresses, String reason) {
        return new Range(IpPrefix.parse(addresses), reason);
    }

    /** All of them, but for the addresses in these blocks: what is left of a range keeps its reason. */
    static List<Range> without(List<IpPrefix> blocks) {
        return ALL.stream()
                .flatMap(
                        range -> rest(range.addresses(), blocks).map(addresses -> new Range(addresses, range.reason())))
                .toList();
    }

    private static Stream<IpPrefix> rest(IpPrefix addresses, List<IpPrefix> blocks) {
        List<IpPrefix> inside = blocks.stream().filter(addresses::overlaps).toList();
        if (inside.isEmpty()) {
            return Stream.of(addresses);
        }
        if (inside.stream().anyMatch(block -> block.length() <= addresses.length())) {
            return Stream.empty();
        }
        return halves(addresses).flatMap(half -> rest(half, inside));
    }

    private static Stream<IpPrefix> halves(IpPrefix addresses) {
        int length = addresses.length() + 1;
        Ip first = addresses.network();
        Ip second = new Ip(
                first.high() | (IpPrefix.highMask(length) & ~IpPrefix.highMask(length - 1)),
                first.low() | (IpPrefix.lowMask(length) & ~IpPrefix.lowMask(length - 1)));
        return Stream.of(new IpPrefix(first, length), new IpPrefix(second, length));
    }
}
