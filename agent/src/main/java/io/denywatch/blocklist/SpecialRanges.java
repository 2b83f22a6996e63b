package io.denywatch.blocklist;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * Ranges of the IANA special-purpose registries (RFC 6890, RFC 8190) that are never worth blocking: a source there is
 * internal, forged, or shared by many hosts. Constants.
 *
 * <p>Not among them: addresses for documentation (RFC 5737, RFC 3849, RFC 9637), which are harmless to block and useful
 * for tests; and 6to4 (2002::/16), of which each /48, and so each /64, belongs to the holder of one IPv4 address.
 */
final class SpecialRanges {
    private static final String PRIVATE = "private addresses (RFC 1918)";
    private static final String AS112 = "AS112 name servers (RFC 7534, RFC 7535)";

    static final List<Range> ALL = List.of(
            // Internal: hosts, networks and clouds number their own machines from these.
            range("10.0.0.0/8", PRIVATE),
            range("172.16.0.0/12", PRIVATE),
            range("192.168.0.0/16", PRIVATE),
            range("100.64.0.0/10", "shared addresses of providers (RFC 6598)"), // also clouds' own services
            range("127.0.0.0/8", "loopback"),
            range("169.254.0.0/16", "link-local addresses (RFC 3927)"), // also clouds' metadata
            range("198.18.0.0/15", "benchmark addresses (RFC 2544)"),
            range("::1/128", "loopback"),
            range("fc00::/7", "unique local addresses (RFC 4193)"),
            range("fe80::/10", "link-local addresses (RFC 4291)"), // routers and neighbours
            range("fec0::/10", "site-local addresses (RFC 3879)"),
            range("5f00::/16", "segment identifiers (RFC 9602)"),
            // Forged: these are never valid sources.
            range("0.0.0.0/8", "addresses of this network (RFC 791)"),
            range("192.0.0.0/24", "protocol assignments (RFC 6890)"),
            range("224.0.0.0/4", "multicast"),
            range("240.0.0.0/4", "reserved addresses (RFC 1112)"), // and broadcast
            range("::/128", "unspecified address"),
            range("100::/64", "discard-only addresses (RFC 6666)"),
            range("100:0:0:1::/64", "dummy addresses (RFC 9780)"),
            range("ff00::/8", "multicast"),
            // Shared: anycast, a translator's /64 (all of IPv4), or a Teredo /64 (all clients of a server).
            range("192.31.196.0/24", AS112),
            range("192.52.193.0/24", "multicast relays (RFC 7450)"),
            range("192.88.99.0/24", "6to4 relays (RFC 7526)"),
            range("192.175.48.0/24", AS112),
            range("64:ff9b::/96", "translated IPv4 addresses (RFC 6052)"),
            range("64:ff9b:1::/48", "translated IPv4 addresses (RFC 8215)"),
            range("2001::/32", "Teredo (RFC 4380)"),
            range("2001::/23", "protocol assignments (RFC 2928)"),
            range("2620:4f:8000::/48", AS112));

    private SpecialRanges() {}

    private static Range range(String addresses, String reason) {
        return new Range(IpPrefix.parse(addresses), reason);
    }
}
