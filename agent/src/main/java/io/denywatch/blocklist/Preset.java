package io.denywatch.blocklist;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.IpPrefix;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Addresses of a provider that its clusters depend on, as documented by the provider: probes, resolvers, time and
 * metadata servers, or proxies. Immutable. Addresses of its customers are not included. Providers change them, so each
 * list names its source and the day it was last compared.
 */
public enum Preset {
    /** Health probes, DNS, DHCP, agents (Wire Server) and metadata. */
    AZURE(
            "https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16",
            "2026-11-30",
            "168.63.129.16/32",
            "169.254.169.254/32"),
    /** DNS resolver, time and metadata. */
    AWS(
            "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html",
            "2026-11-30",
            "169.254.169.123/32",
            "169.254.169.253/32",
            "169.254.169.254/32",
            "fd00:ec2::123/128",
            "fd00:ec2::253/128",
            "fd00:ec2::254/128"),
    /** The proxies that all visitors come from. */
    CLOUDFLARE(
            "https://www.cloudflare.com/ips/",
            "2026-11-30",
            "103.21.244.0/22",
            "103.22.200.0/22",
            "103.31.4.0/22",
            "104.16.0.0/13",
            "104.24.0.0/14",
            "108.162.192.0/18",
            "131.0.72.0/22",
            "141.101.64.0/18",
            "162.158.0.0/15",
            "172.64.0.0/13",
            "173.245.48.0/20",
            "188.114.96.0/20",
            "190.93.240.0/20",
            "197.234.240.0/22",
            "198.41.128.0/17",
            "2400:cb00::/32",
            "2405:8100::/32",
            "2405:b500::/32",
            "2606:4700::/32",
            "2803:f800::/32",
            "2a06:98c0::/29",
            "2c0f:f248::/32"),
    /** Health checks, the front ends of load balancers, metadata and DNS. */
    GCP(
            "https://cloud.google.com/load-balancing/docs/firewall-rules",
            "2026-11-30",
            "35.191.0.0/16",
            "130.211.0.0/22",
            "209.85.152.0/22",
            "209.85.204.0/22",
            "2600:2d00:1:1::/64",
            "2600:2d00:1:b029::/64",
            "169.254.169.254/32"),
    /** DNS, time, mirrors and storage of the infrastructure, and the private endpoints of services. */
    IBM_CLOUD(
            "https://cloud.ibm.com/docs/vpc?topic=vpc-service-endpoints-for-vpc",
            "2026-11-30",
            "161.26.0.0/16",
            "166.8.0.0/14");

    /** The prefix of preset names in a list that may also contain addresses. */
    public static final String PREFIX = "preset:";

    private final String label = PREFIX + name().toLowerCase(Locale.ROOT).replace('_', '-');
    private final String source;
    private final String compared;
    private final String addresses;

    Preset(String source, String compared, String... addresses) {
        this.source = source;
        this.compared = compared;
        this.addresses = String.join(" ", addresses);
    }

    /** The preset of this name, such as {@code preset:aws}. */
    public static Optional<Preset> of(String label) {
        return Arrays.stream(values())
                .filter(preset -> preset.label.equals(label))
                .findFirst();
    }

    /** All names, for a message. */
    public static String labels() {
        return Arrays.stream(values()).map(Preset::label).collect(Collectors.joining(", "));
    }

    /** The name in the configuration. */
    public String label() {
        return label;
    }

    /** Where the provider documents them. */
    public String source() {
        return source;
    }

    /** The day they were last compared with {@link #source}, as an ISO date. */
    public String compared() {
        return compared;
    }

    /** The addresses, each with the preset's name as the reason. */
    public List<Range> ranges() {
        return Arrays.stream(addresses.split(" ", -1))
                .map(block -> new Range(IpPrefix.parse(block), NeverBlock.CONFIGURED + " " + label))
                .toList();
    }
}
