package io.denywatch.config;

import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.Preset;
import io.denywatch.doctor.FindingKind;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.process.CommandFailure;
import java.util.Arrays;
import java.util.List;

/**
 * Every setting. The reader of the configuration, the help and the tests of the reference page all use this table.
 */
public enum Setting {
    NODE(
            "node",
            "",
            "NODE_NAME, else the host name",
            "a name of 1 to 253 letters, digits, '-', '_' and '.'",
            "the node's name in the agent's log and in the blocklist; in Kubernetes, set NODE_NAME from"
                    + " spec.nodeName"),
    SOURCE_KIND(
            "source.kind",
            "file",
            "file, kmsg or auto",
            "which log is read: the file source.path, the kernel's own log, or whichever of the two receives"
                    + " the kernel's lines"),
    SOURCE_PATH(
            "source.path",
            "/var/log/syslog",
            "a path",
            "the log file, followed through its rotations; it may be created later"),
    SOURCE_TRUSTED(
            "source.trusted",
            "false",
            "true or false",
            "declares that only the kernel's own messages reach source.path. The kernel's own log is always"
                    + " trusted"),
    SOURCE_START_AT(
            "source.startAt",
            "end",
            "end or beginning",
            "where to start in a log that exists when the agent first starts; a file that appears later is read"
                    + " from its first byte"),
    SOURCE_TIMEZONE(
            "source.timezone",
            "learn",
            "learn, or a zone such as UTC, +02:00 or Europe/Berlin",
            "the zone of time stamps that carry none (Sep  5 14:34:40); learn starts with the system's zone and"
                    + " follows what new lines show"),
    PACKETS_PREFIXES(
            "packets.prefixes",
            "[calico-packet, calico-drop]",
            "a list of 1 to 16 texts of 1 to 126 characters",
            "the beginnings of the log prefixes that your Log rules use; lines with another prefix are not"
                    + " counted as packets"),
    LOAD_BALANCERS_DISCOVER(
            "loadBalancers.discover",
            "",
            "static where loadBalancers.static is given, else kubernetes in a pod, else any",
            "kubernetes, static or any",
            "how load balancers are found: from the cluster's Services, from loadBalancers.static, or every"
                    + " destination is a load balancer of its own"),
    LOAD_BALANCERS_STATIC(
            "loadBalancers.static",
            "[]",
            "a list of addresses, CIDRs or {address, namespace, service, ports: [tcp/80, udp/53]}",
            "the load balancers, if they are not discovered"),
    LOAD_BALANCERS_MAX(
            "loadBalancers.max",
            "256",
            1,
            4_096,
            "the largest number of load balancers counted separately; traffic to others counts as other"),
    LOAD_BALANCERS_PUBLISH(
            "loadBalancers.publish",
            "false",
            "true or false",
            "whether the elected agent writes the addresses of the load balancers that are discovered into the"
                    + " GlobalNetworkSet denywatch-load-balancers, which policies can use as destination"),
    SOURCES_TRACKED(
            "sources.trackedPerLoadBalancer", "1024", 16, 65_536, "sources held in memory for each load balancer"),
    SOURCES_EXPORTED(
            "sources.exportedPerLoadBalancer",
            "20",
            0,
            1_000,
            "how many sources of each load balancer, the noisiest, become time series"),
    SOURCES_IPV6_PREFIX_LENGTH(
            "sources.ipv6PrefixLength", "64", 16, 128, "IPv6 sources that share this many leading bits count as one"),
    HTTP_LISTEN(
            "http.listen",
            "",
            "0.0.0.0:9464 in a pod, else 127.0.0.1:9464",
            "ADDRESS:PORT with an IP address (IPv6 in brackets) or localhost, and a port from 0 (any free) to 65535",
            "where metrics, the page and the API are served"),
    HTTP_PROBES(
            "http.probes",
            "",
            "0.0.0.0:9465 in a pod, else off",
            "ADDRESS:PORT as in http.listen, or off",
            "where a separate thread serves /livez and /readyz, unaffected by load on http.listen"),
    HTTP_WEB_CONFIG(
            "http.webConfig",
            "",
            "none",
            "a path",
            "a web configuration file in the format of Prometheus exporters: TLS, users, client certificates"),
    HTTP_ALLOWED_HOSTS(
            "http.allowedHosts",
            "[]",
            "a list of at most 64 host names without a port",
            "host names accepted in requests, besides IP addresses and localhost"),
    BLOCKLIST_MODE(
            "blocklist.mode",
            "off",
            "off, dry-run or enforce",
            "whether noisy sources are blocked: dry-run decides, logs and counts; enforce also writes"),
    BLOCKLIST_RULES(
            "blocklist.rules",
            "[{name: noisy, packets: 300 within 1m}, {name: port-scan, distinctPorts: 20 within 1m}]",
            "a list of 1 to 8 rules {name, packets or distinctPorts or distinctLoadBalancers or distinctSources or"
                    + " distinctNodes: N within SPAN, protocols: [tcp], for: 10m, maxBan: 1d, scope: node or cluster,"
                    + " nodesMin: 2; with distinctSources also prefixLength: 24, prefixLength6: 56}",
            "which sources are noisy, and for how long they are blocked"),
    BLOCKLIST_NEVER_BLOCK(
            "blocklist.neverBlock",
            "[]",
            "a list of CIDRs such as 192.0.2.0/24, and of " + Preset.labels(),
            "sources that are exempt, in addition to private and special ranges, the cluster's own addresses"
                    + " and those that policies allow; a preset stands for addresses that a provider documents"),
    BLOCKLIST_MAY_BLOCK(
            "blocklist.mayBlock",
            "[]",
            "a list of CIDRs such as 10.20.0.0/16",
            "addresses that may be blocked although they belong to private or special ranges or to presets"),
    BLOCKLIST_RESOLV_CONF(
            "blocklist.resolvConf",
            "/etc/resolv.conf",
            "a path",
            "the file that names the node's resolvers, which are exempt"),
    BLOCKLIST_REQUIRE_TRUSTED_LOG(
            "blocklist.requireTrustedLog",
            "false",
            "true or false",
            "whether only lines from a trusted log can lead to a block"),
    BLOCKLIST_POLICY(
            "blocklist.policy",
            PolicyOptions.Part.BLOCKLIST.defaultName(),
            "a name of lower case letters, digits and hyphens",
            "the policy that denies the blocklist; doctor reports another policy that has this name"),
    BLOCKLIST_ENTRIES_MAX(
            "blocklist.entriesMax",
            "1000",
            1,
            BlocklistLimits.ENTRIES_MAX,
            "the largest number of sources that one node blocks at a time"),
    BLOCKLIST_NEW_ENTRIES_PER_MINUTE(
            "blocklist.newEntriesPerMinute",
            "30",
            1,
            BlocklistLimits.NEW_ENTRIES_PER_MINUTE_MAX,
            "the largest number of sources that one node newly blocks in any minute"),
    BLOCKLIST_ONE_PACKET_SOURCES_MAX(
            "blocklist.onePacketSourcesMax",
            "1000",
            1,
            BlocklistLimits.FEW_PACKET_SOURCES_MAX,
            "if more sources than this send only 1 to 3 packets in a minute, sources may be forged, and only"
                    + " overwhelming evidence leads to a block"),
    BLOCKLIST_SUBNETS_MAX(
            "blocklist.subnetsMax",
            Integer.toString(BlocklistLimits.SUBNETS),
            1,
            BlocklistLimits.SUBNETS_MAX,
            "the largest number of subnets that one node blocks at a time, by rules with distinctSources"),
    BLOCKLIST_NEW_SUBNETS_PER_MINUTE(
            "blocklist.newSubnetsPerMinute",
            Integer.toString(BlocklistLimits.NEW_SUBNETS_PER_MINUTE),
            1,
            BlocklistLimits.NEW_SUBNETS_PER_MINUTE_MAX,
            "the largest number of subnets that one node newly blocks in any minute"),
    BLOCKLIST_REMEMBER_FOR(
            "blocklist.rememberFor",
            "7d",
            "a number with s, m, h or d, at most 365d",
            "if a source is blocked again within this time after its last block, the new block lasts twice as long"),
    BLOCKLIST_API(
            "blocklist.api",
            "projectcalico.org/v3",
            "projectcalico.org/v3 or crd.projectcalico.org/v1",
            "the API group that the blocklist is written to; the second only for clusters that do not serve the"
                    + " first"),
    BLOCKLIST_LIVE_EXEMPTIONS(
            "blocklist.liveExemptions",
            "false",
            "true or false",
            "whether addresses in GlobalNetworkSets with the label denywatch.io/never-block: true are exempt; changes"
                    + " of these sets need no restart"),
    BLOCKLIST_COUNT_BLOCKED(
            "blocklist.countBlocked",
            "false",
            "true or false",
            "whether the agent follows the blocklist of the whole cluster, counts packets of blocked sources and"
                    + " serves the blocklist at /blocklist.txt; works in every mode"),
    BLOCKLIST_OVERRIDE(
            "blocklist.override",
            "[]",
            "a list of " + String.join(", ", FindingKind.WITHHOLDING_BLOCKING),
            "findings about policies that do not keep enforce from blocking"),
    CHECKPOINT_DIRECTORY(
            "checkpoint.directory",
            "/var/lib/denywatch",
            "a path",
            "where positions and counters are stored; each agent needs its own");

    private final String key;
    private final String yaml;
    private final String byDefault;
    private final String allowed;
    private final String meaning;
    private final int min;
    private final int max;

    Setting(String key, String yaml, String allowed, String meaning) {
        this(key, yaml, yaml, allowed, meaning);
    }

    Setting(String key, String yaml, int min, int max, String meaning) {
        this(key, yaml, yaml, "a whole number from " + min + " to " + max, meaning, min, max);
    }

    Setting(String key, String yaml, String byDefault, String allowed, String meaning) {
        this(key, yaml, byDefault, allowed, meaning, 0, 0);
    }

    Setting(String key, String yaml, String byDefault, String allowed, String meaning, int min, int max) {
        this.key = key;
        this.yaml = yaml;
        this.byDefault = byDefault;
        this.allowed = allowed;
        this.meaning = meaning;
        this.min = min;
        this.max = max;
    }

    /** The key in the configuration file, with dots between the levels. */
    public String key() {
        return key;
    }

    /** The default as YAML; empty if it depends on the environment. */
    public String yaml() {
        return yaml;
    }

    /** The default in words. */
    public String byDefault() {
        return byDefault;
    }

    /** The allowed values in words. */
    public String allowed() {
        return allowed;
    }

    /** What the setting means. */
    public String meaning() {
        return meaning;
    }

    /** The least number allowed. */
    int min() {
        return min;
    }

    /** The greatest number allowed. */
    int max() {
        return max;
    }

    /** Whether its value is a single text. */
    boolean isText() {
        return max == 0 && !yaml.startsWith("[");
    }

    /** The failure for a value that is not allowed, quoted as the operator wrote it. */
    CommandFailure refuse(String value) {
        return CommandFailure.usage(key + ": " + value + " is not allowed; allowed: " + allowed);
    }

    /** All keys, in the order of the table. */
    public static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }

    /** The table as lines of help. */
    public static String[] help() {
        return Arrays.stream(values())
                .flatMap(s -> List.of(
                        "  " + s.key + " (default: " + s.byDefault + ")",
                        "      " + s.meaning,
                        "      allowed: " + s.allowed)
                        .stream())
                .toArray(String[]::new);
    }
}
