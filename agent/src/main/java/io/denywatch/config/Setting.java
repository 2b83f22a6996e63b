package io.denywatch.config;

import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.Preset;
import io.denywatch.doctor.FindingKind;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.process.CommandFailure;
import java.util.Arrays;
import java.util.List;

/**
 * Every setting: the one table that the configuration is read by, the help is written from and the reference is tested
 * against.
 */
public enum Setting {
    NODE(
            "node",
            "",
            "NODE_NAME, else the host name",
            "a name of 1 to 253 letters, digits, '-', '_' and '.'",
            "name of this node"),
    SOURCE_KIND(
            "source.kind",
            "file",
            "file, kmsg or auto",
            "where lines come from: a file, the kernel's own log, or whichever has the kernel's lines"),
    SOURCE_PATH("source.path", "/var/log/syslog", "a path", "the file to follow through its rotations"),
    SOURCE_TRUSTED(
            "source.trusted",
            "false",
            "true or false",
            "whether nothing but what the kernel logs gets into the file at source.path, as with rsyslog's imklog alone;"
                    + " the kernel's own log is trusted always"),
    SOURCE_START_AT("source.startAt", "end", "end or beginning", "where to begin in the log that is there at start"),
    SOURCE_TIMEZONE(
            "source.timezone",
            "learn",
            "learn, or a zone such as UTC, +02:00 or Europe/Berlin",
            "zone of time stamps that have none; learn begins with the system's"),
    PACKETS_PREFIXES(
            "packets.prefixes",
            "[calico-packet, calico-drop]",
            "a list of 1 to 16 texts of 1 to 126 characters",
            "starts of the log prefixes that mark a denied packet"),
    LOAD_BALANCERS_DISCOVER(
            "loadBalancers.discover",
            "",
            "static where loadBalancers.static is given, else kubernetes in a pod, else any",
            "kubernetes, static or any",
            "how load balancers are known: from the cluster's Services, from the list, or any destination is one"),
    LOAD_BALANCERS_STATIC(
            "loadBalancers.static",
            "[]",
            "a list of addresses, CIDRs or {address, namespace, service, ports: [tcp/80, udp/53]}",
            "the load balancers, where they are not discovered"),
    LOAD_BALANCERS_MAX(
            "loadBalancers.max",
            "256",
            1,
            4_096,
            "the most load balancers counted separately; the rest is counted as other"),
    SOURCES_TRACKED("sources.trackedPerLoadBalancer", "1024", 16, 65_536, "sources held in memory for each"),
    SOURCES_EXPORTED(
            "sources.exportedPerLoadBalancer", "20", 0, 1_000, "top sources exported for each, of those tracked"),
    SOURCES_IPV6_PREFIX_LENGTH(
            "sources.ipv6PrefixLength", "64", 16, 128, "bits of an IPv6 address that tell sources apart"),
    HTTP_LISTEN(
            "http.listen",
            "",
            "0.0.0.0:9464 in a pod, else 127.0.0.1:9464",
            "ADDRESS:PORT with an IP address (IPv6 in brackets) or localhost, and a port from 0 (any free) to 65535",
            "where metrics are served"),
    HTTP_PROBES(
            "http.probes",
            "",
            "0.0.0.0:9465 in a pod, else off",
            "ADDRESS:PORT as in http.listen, or off",
            "where /livez and /readyz are served by a thread of their own, whatever goes on at http.listen"),
    HTTP_WEB_CONFIG(
            "http.webConfig",
            "",
            "none",
            "a path",
            "a web configuration file as of Prometheus' exporters: TLS, users, client certificates"),
    HTTP_ALLOWED_HOSTS(
            "http.allowedHosts",
            "[]",
            "a list of at most 64 host names without a port",
            "names that requests may call the agent by, beside IP addresses and localhost"),
    BLOCKLIST_MODE(
            "blocklist.mode",
            "off",
            "off, dry-run or enforce",
            "whether noisy sources are blocked: decided, logged and counted in dry-run, written too in enforce"),
    BLOCKLIST_RULES(
            "blocklist.rules",
            "[{name: noisy, packets: 300 within 1m}, {name: port-scan, distinctPorts: 20 within 1m}]",
            "a list of 1 to 8 rules {name, packets or distinctPorts or distinctLoadBalancers: N within SPAN,"
                    + " protocols: [tcp], for: 10m, maxBan: 1d}",
            "which sources are noisy"),
    BLOCKLIST_NEVER_BLOCK(
            "blocklist.neverBlock",
            "[]",
            "a list of CIDRs such as 192.0.2.0/24, and of " + Preset.labels(),
            "sources that are never blocked, beside private and special ranges, those of the cluster and those that"
                    + " policies allow; a preset stands for what a provider documents"),
    BLOCKLIST_MAY_BLOCK(
            "blocklist.mayBlock",
            "[]",
            "a list of CIDRs such as 10.20.0.0/16",
            "parts of private and special ranges and of presets that may be blocked all the same"),
    BLOCKLIST_RESOLV_CONF(
            "blocklist.resolvConf",
            "/etc/resolv.conf",
            "a path",
            "the file that names the node's resolvers, which are never blocked"),
    BLOCKLIST_REQUIRE_TRUSTED_LOG(
            "blocklist.requireTrustedLog",
            "false",
            "true or false",
            "whether sources are blocked for lines of a trusted log alone: into any other, each local user can write"),
    BLOCKLIST_POLICY(
            "blocklist.policy",
            PolicyOptions.Part.BLOCKLIST.defaultName(),
            "a name of lower case letters, digits and hyphens",
            "the policy that denies the blocklist; doctor says where another policy has its name"),
    BLOCKLIST_ENTRIES_MAX(
            "blocklist.entriesMax",
            "1000",
            1,
            BlocklistLimits.ENTRIES_MAX,
            "sources blocked by this node at a time, at most"),
    BLOCKLIST_NEW_ENTRIES_PER_MINUTE(
            "blocklist.newEntriesPerMinute",
            "30",
            1,
            BlocklistLimits.NEW_ENTRIES_PER_MINUTE_MAX,
            "sources newly blocked by this node in any minute, at most"),
    BLOCKLIST_ONE_PACKET_SOURCES_MAX(
            "blocklist.onePacketSourcesMax",
            "1000",
            1,
            BlocklistLimits.FEW_PACKET_SOURCES_MAX,
            "with more sources of 1 to 3 packets in a minute, addresses may be forged: only overwhelming evidence blocks"),
    BLOCKLIST_REMEMBER_FOR(
            "blocklist.rememberFor",
            "7d",
            "a number with s, m, h or d, at most 365d",
            "how long after a block ends the next block of the same source is twice as long"),
    BLOCKLIST_API(
            "blocklist.api",
            "projectcalico.org/v3",
            "projectcalico.org/v3 or crd.projectcalico.org/v1",
            "API that the blocklist is written to; the second only for clusters that do not serve the first"),
    BLOCKLIST_OVERRIDE(
            "blocklist.override",
            "[]",
            "a list of " + String.join(", ", FindingKind.WITHHOLDING_BLOCKING),
            "findings about the policies in spite of which enforce blocks"),
    CHECKPOINT_DIRECTORY(
            "checkpoint.directory",
            "/var/lib/denywatch",
            "a path",
            "where positions and counters survive restarts and crashes; one for each agent");

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

    /** Its place in the configuration file, with dots between the levels. */
    public String key() {
        return key;
    }

    /** Its default as YAML; empty where it depends on the surroundings. */
    public String yaml() {
        return yaml;
    }

    /** Its default in words. */
    public String byDefault() {
        return byDefault;
    }

    /** What may be given, in words. */
    public String allowed() {
        return allowed;
    }

    /** What it is for, in words. */
    String meaning() {
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

    /** Whether its value is one text. */
    boolean isText() {
        return max == 0 && !yaml.startsWith("[");
    }

    /** The failure of a value that is not allowed, as the operator wrote it. */
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
