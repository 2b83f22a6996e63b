package io.denywatch.config;

import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.LogTrust;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.Preset;
import io.denywatch.cluster.Permission;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.LoadBalancer;
import io.denywatch.detection.DetectionRule;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.CommandFailure;
import io.denywatch.tail.FileTail;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The checked configuration. Immutable.
 *
 * @param node this node's name
 * @param source the log that is read
 * @param prefixes starts of the log prefixes that mark a denied packet
 * @param loadBalancers which load balancers are counted separately
 * @param sources how denied sources are counted
 * @param http the HTTP server
 * @param blocklist whether and when sources are blocked
 * @param checkpointDirectory where counters are saved for the next start
 */
public record Configuration(
        String node,
        InputSettings source,
        List<String> prefixes,
        LoadBalancerSettings loadBalancers,
        SourceSettings sources,
        HttpSettings http,
        BlocklistSettings blocklist,
        Path checkpointDirectory) {

    /** Copies the list, and checks that agents can read each other's summaries if they must. */
    public Configuration {
        prefixes = List.copyOf(prefixes);
        if (hasClusterRules(blocklist) && http.webConfig().isPresent()) {
            throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": scope cluster is not allowed with "
                    + Setting.HTTP_WEB_CONFIG.key() + ", because agents have no login for each other; allowed: scope"
                    + " node, or no " + Setting.HTTP_WEB_CONFIG.key());
        }
    }

    /** Whether agents add up what they counted, for rules of the whole cluster. */
    public boolean hasClusterRules() {
        return hasClusterRules(blocklist);
    }

    /** Whether one agent must be elected. */
    public boolean needsLeader() {
        return loadBalancers.publishes() || hasClusterRules();
    }

    private static boolean hasClusterRules(BlocklistSettings blocklist) {
        return blocklist.mode() != BlocklistMode.OFF
                && blocklist.rules().stream().anyMatch(DetectionRule::isOfCluster);
    }

    /** Whether the agent uses the Kubernetes API. */
    public boolean usesCluster() {
        return loadBalancers.discovery() == Discovery.KUBERNETES
                || blocklist.mode() == BlocklistMode.ENFORCE
                || followsSets()
                || hasClusterRules();
    }

    /** Whether the agent reads network sets that exempt sources. */
    public boolean followsExemptions() {
        boolean used = blocklist.mode() != BlocklistMode.OFF || blocklist.countBlocked();
        return used && blocklist.exempt().live();
    }

    /** Whether sources are blocked regardless of network sets that exempt them. */
    public boolean ignoresExemptions() {
        return blocklist.mode() != BlocklistMode.OFF && !blocklist.exempt().live();
    }

    private boolean followsSets() {
        return followsExemptions() || blocklist.countBlocked();
    }

    /**
     * The trust in the lines of a log.
     *
     * @param kind a label of {@link SourceKind}; empty as long as no log is open
     */
    public LogTrust trust(String kind) {
        boolean trustedFile = source.trusted() && kind.equals(SourceKind.FILE.label());
        return trustedFile || kind.equals(SourceKind.KMSG.label())
                ? LogTrust.TRUSTED
                : blocklist.requireTrustedLog() ? LogTrust.REFUSED : LogTrust.FORGEABLE;
    }

    /** The permissions that the agent's account needs in the cluster. */
    public Set<Permission.Need> clusterNeeds() {
        Set<Permission.Need> needs = Permission.Need.upTo(
                switch (blocklist.mode()) {
                    case OFF -> Permission.Need.DISCOVERY;
                    case DRY_RUN -> Permission.Need.DRY_RUN;
                    case ENFORCE -> Permission.Need.ENFORCE;
                });
        if (followsSets()) {
            needs.add(Permission.Need.FOLLOW_SETS);
        }
        if (loadBalancers.publishes()) {
            needs.add(Permission.Need.PUBLISH);
        }
        if (hasClusterRules()) {
            needs.add(Permission.Need.ADD_UP);
        }
        return needs;
    }

    /**
     * The exempt addresses.
     *
     * @param known addresses of the node and its cluster, and sources allowed by policies
     */
    public NeverBlock neverBlock(List<Range> known) {
        List<Range> ranges = new ArrayList<>(known);
        for (LoadBalancer loadBalancer : loadBalancers.known()) {
            loadBalancer
                    .addresses()
                    .forEach(addresses -> ranges.add(new Range(addresses, Setting.LOAD_BALANCERS_STATIC.key())));
        }
        ExemptionSettings exempt = blocklist.exempt();
        return NeverBlock.of(exempt.blocks(), exempt.presets(), exempt.mayBlock(), ranges);
    }

    /**
     * The log that is read.
     *
     * @param kind the kind of log
     * @param path the log file, if the log is a file
     * @param trusted whether only the kernel can write to it
     * @param startAt where to start in a log that exists at the first start
     * @param zone the initial zone of time stamps that carry none
     * @param learnZone whether new lines may correct the zone
     */
    public record InputSettings(
            SourceKind kind, Path path, boolean trusted, FileTail.Start startAt, ZoneId zone, boolean learnZone) {}

    /**
     * Which load balancers are counted separately.
     *
     * @param discovery how load balancers are found
     * @param known load balancers that the configuration names
     * @param max the largest number of load balancers counted separately; others count as {@code other}
     * @param publishes whether the elected agent writes their addresses into a network set
     */
    public record LoadBalancerSettings(Discovery discovery, List<LoadBalancer> known, int max, boolean publishes) {
        /** Copies the list and checks that it fits. */
        public LoadBalancerSettings {
            known = List.copyOf(known);
            if (known.size() > max) {
                throw CommandFailure.usage(Setting.LOAD_BALANCERS_STATIC.key() + ": " + known.size()
                        + " load balancers are not allowed; allowed: as many as " + Setting.LOAD_BALANCERS_MAX.key()
                        + ", which is " + max);
            }
        }

        /** Which destinations the tables count as load balancers. */
        public Destinations destinations() {
            return switch (discovery) {
                case KUBERNETES -> Destinations.DISCOVERED;
                case STATIC -> Destinations.CONFIGURED;
                case ANY -> Destinations.ANY;
            };
        }
    }

    /**
     * The HTTP server.
     *
     * @param listen where metrics are served; port 0 means any free port
     * @param probes where the kubelet's probes are answered, if they have an address of their own
     * @param webConfig a file with users and TLS settings
     * @param allowedHosts host names accepted in requests, besides IP addresses and localhost
     */
    public record HttpSettings(
            InetSocketAddress listen,
            Optional<InetSocketAddress> probes,
            Optional<Path> webConfig,
            List<String> allowedHosts) {
        /** Copies the list. */
        public HttpSettings {
            allowedHosts = List.copyOf(allowedHosts);
        }
    }

    /**
     * Which sources are blocked, and for how long.
     *
     * @param mode whether blocks are only decided or also written
     * @param rules which sources are noisy
     * @param limits limits on the number and rate of blocks
     * @param rememberFor how long after the end of a block it counts as a prior block
     * @param exempt sources that are never blocked
     * @param requireTrustedLog whether only lines of a trusted log can lead to a block
     * @param policy name of the policy that denies the blocklist
     * @param crdAllowed whether sets may be written to {@code crd.projectcalico.org} if {@code projectcalico.org/v3} is
     *     not served
     * @param overridden ids of findings that do not prevent blocking
     * @param countBlocked whether the agent follows the blocklist of the whole cluster
     */
    public record BlocklistSettings(
            BlocklistMode mode,
            List<DetectionRule> rules,
            BlocklistLimits limits,
            Duration rememberFor,
            ExemptionSettings exempt,
            boolean requireTrustedLog,
            String policy,
            boolean crdAllowed,
            List<String> overridden,
            boolean countBlocked) {
        /** Copies the lists. */
        public BlocklistSettings {
            rules = List.copyOf(rules);
            overridden = List.copyOf(overridden);
        }
    }

    /**
     * The configured exemptions, in addition to those that are discovered.
     *
     * @param blocks exempt addresses
     * @param presets exempt presets
     * @param mayBlock exceptions from presets and from private and special ranges
     * @param resolvConf the file that names the node's resolvers
     * @param live whether network sets with a label are exempt too
     */
    public record ExemptionSettings(
            List<IpPrefix> blocks, List<Preset> presets, List<IpPrefix> mayBlock, Path resolvConf, boolean live) {
        /** Copies the lists. */
        public ExemptionSettings {
            blocks = List.copyOf(blocks);
            presets = List.copyOf(presets);
            mayBlock = List.copyOf(mayBlock);
        }
    }

    /**
     * How denied sources are counted.
     *
     * @param trackedPerLoadBalancer sources held in memory for each load balancer
     * @param exportedPerLoadBalancer how many of them are exported
     * @param ipv6PrefixLength prefix length that identifies an IPv6 source
     */
    public record SourceSettings(int trackedPerLoadBalancer, int exportedPerLoadBalancer, int ipv6PrefixLength) {
        /** Checks that no more are exported than tracked. */
        public SourceSettings {
            if (exportedPerLoadBalancer > trackedPerLoadBalancer) {
                throw CommandFailure.usage(Setting.SOURCES_EXPORTED.key() + ": " + exportedPerLoadBalancer
                        + " is not allowed; allowed: at most " + Setting.SOURCES_TRACKED.key() + ", which is "
                        + trackedPerLoadBalancer);
            }
        }
    }
}
