package io.denywatch.agent;

import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.BlocklistStore;
import io.denywatch.blocklist.DecisionListener;
import io.denywatch.blocklist.EnforcementGate;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.cluster.AgentPods;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.ClusterLoadBalancer;
import io.denywatch.cluster.ClusterView;
import io.denywatch.cluster.ClusterWatch;
import io.denywatch.cluster.Leadership;
import io.denywatch.cluster.LeaseElection;
import io.denywatch.cluster.NodeEvents;
import io.denywatch.cluster.OwnNamespace;
import io.denywatch.cluster.sets.GlobalNetworkSetStore;
import io.denywatch.cluster.sets.LoadBalancerSets;
import io.denywatch.cluster.sets.SetExemptions;
import io.denywatch.cluster.sets.SetWatch;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.config.Setting;
import io.denywatch.count.RequestCounts;
import io.denywatch.denial.BlockedPrefixes;
import io.denywatch.denial.DiscoveredLoadBalancers;
import io.denywatch.denial.LoadBalancer;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.doctor.ClusterFindings;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.exposition.SharedWork;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.policy.SetLabels;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.LogOnce;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import io.denywatch.sums.HttpSummaries.AgentAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Adapts the cluster to the agent's own types. {@link #poll} is confined to the cluster thread; all other methods are
 * thread-safe.
 */
final class ClusterLink implements Cluster {
    private static final int PORT_MAX = 65_535;
    private static final Pattern UNPRINTABLE = Pattern.compile("[^ -~]");

    private final Configuration configuration;
    private final ClusterConnection connection;
    private final ClusterWatch watch;
    private final Checkup checkup;
    private final Optional<SetWatch> blocked;
    private final Optional<SetWatch> neverBlock;
    private final LogOnce exemptionProblems =
            new LogOnce(System.getLogger(ClusterLink.class.getName()), "all addresses in exempt sets are exempt");
    private SetWatch.Sets exemptionSets = SetWatch.Sets.UNKNOWN;
    private volatile Optional<List<Range>> liveExemptions;
    private final BlockedLookup lookup = new BlockedLookup();
    private final Leadership leadership;
    private final Optional<LoadBalancerSets> published;
    private final String namespace; // of the agents; empty if it is not known
    private volatile String responseBase = "";

    private ClusterView seen = ClusterView.EMPTY;
    private volatile Optional<DiscoveredLoadBalancers> loadBalancers = Optional.empty();
    private volatile Optional<List<Range>> ranges = Optional.empty();

    private ClusterLink(
            Configuration configuration,
            ClusterConnection connection,
            String apiServerHost,
            String namespace,
            Leadership leadership) {
        this.configuration = configuration;
        this.namespace = namespace;
        this.connection = connection;
        watch = new ClusterWatch(
                connection,
                configuration.node(),
                configuration.blocklist().mode() != BlocklistMode.OFF,
                configuration.loadBalancers().publishes(),
                apiServerHost,
                configuration.blocklist().crdAllowed(),
                new SecureRandom());
        checkup = new Checkup(
                this::survey,
                new ClusterFindings.Scope(
                        Optional.of(configuration.node()),
                        configuration.blocklist().mode() == BlocklistMode.ENFORCE,
                        configuration.blocklist().policy(),
                        configuration.prefixes(),
                        configuration.ignoresExemptions()),
                configuration.blocklist().overridden(),
                new SecureRandom());
        neverBlock = configuration.followsExemptions() ? Optional.of(sets(SetLabels.NEVER_BLOCK)) : Optional.empty();
        liveExemptions = neverBlock.isPresent() ? Optional.empty() : Optional.of(List.of());
        blocked = configuration.blocklist().countBlocked() ? Optional.of(sets(BlocklistRules.LABEL)) : Optional.empty();
        this.leadership = leadership;
        published = configuration.loadBalancers().publishes()
                ? Optional.of(new LoadBalancerSets(
                        connection,
                        new CalicoApi(connection, configuration.blocklist().crdAllowed()),
                        leadership::isHere,
                        watch::view,
                        new SecureRandom()))
                : Optional.empty();
    }

    /** Takes part in the election if a setting needs a leader. */
    private static Leadership leadership(
            Configuration configuration, ClusterConnection connection, ProcessContext world) {
        if (!configuration.needsLeader()) {
            return new Leadership.NoElection();
        }
        return new LeaseElection(
                connection,
                namespace(configuration, world),
                configuration.node(),
                Long.toHexString(new SecureRandom().nextLong()));
    }

    /** The agents' namespace; empty if it is not known and not needed. */
    private static String namespace(Configuration configuration, ProcessContext world) {
        Optional<String> own = OwnNamespace.find(world.environment(), Path.of("/"));
        if (own.isEmpty() && configuration.needsLeader()) {
            String setting = configuration.loadBalancers().publishes()
                    ? Setting.LOAD_BALANCERS_PUBLISH.key() + ": true is"
                    : Setting.BLOCKLIST_RULES.key() + ": scope cluster is";
            throw CommandFailure.usage(setting
                    + " not allowed where the namespace of the agents is not known; allowed: in a pod with"
                    + " a service account, or with " + OwnNamespace.VARIABLE + " in the environment");
        }
        return own.orElse("");
    }

    private SetWatch sets(String label) {
        return new SetWatch(connection, configuration.blocklist().crdAllowed(), label, new SecureRandom());
    }

    /** Opens the connection. A cluster that does not respond is no failure; a missing cluster is. */
    static ClusterLink open(Configuration configuration, ProcessContext world) {
        try {
            ClusterConnection connection = ClusterConnection.open(
                    Optional.empty(), Optional.empty(), Version.number(), System::nanoTime, world.patience());
            return new ClusterLink(
                    configuration,
                    connection,
                    world.environment().getOrDefault(ConfigurationReader.IN_POD, ""),
                    namespace(configuration, world),
                    leadership(configuration, connection, world));
        } catch (ClusterException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()));
        }
    }

    /** Processes changes from the cluster. Returns 0 if there were none. */
    int poll(long nowMillis) {
        int news = watch.poll(nowMillis);
        news += blocked.map(sets -> sets.poll(nowMillis)).orElse(0);
        news += neverBlock.map(sets -> pollExemptions(sets, nowMillis)).orElse(0);
        lookup.take(blockedSets(), nowMillis);
        news += leadership.poll(nowMillis);
        ClusterView view = watch.view();
        if (view.servicesKnown()
                && (loadBalancers.isEmpty()
                        || !view.services().equals(seen.services())
                        || !view.nodeAddresses().equals(seen.nodeAddresses()))) {
            loadBalancers = Optional.of(new DiscoveredLoadBalancers(
                    view.services().stream().map(ClusterLink::loadBalancer).toList(), view.nodeAddresses()));
        }
        if (view.complete()) {
            ranges = Optional.of(view.neverBlock());
        }
        seen = view;
        return news;
    }

    /** While the sets cannot be read, the last known ones stay exempt. */
    @SuppressWarnings("ReferenceEquality") // each publication is another object
    private int pollExemptions(SetWatch watched, long nowMillis) {
        int news = watched.poll(nowMillis);
        SetWatch.Sets published = watched.sets();
        if (published != exemptionSets && published.known()) {
            exemptionSets = published;
            SetExemptions exemptions = SetExemptions.of(published.sets());
            exemptions.problems().forEach(exemptionProblems::failed);
            if (exemptions.problems().isEmpty()) {
                exemptionProblems.worked();
            }
            liveExemptions = Optional.of(exemptions.ranges());
        }
        return news;
    }

    @Override
    public void start(Loops loops) {
        loops.startWaiting("cluster", this::poll);
        loops.startWaiting("checkup", checkup::poll);
        published.ifPresent(sets -> loops.startWaiting("publish", sets::poll));
    }

    @Override
    public SharedWork sharedWork() {
        return published
                .map(sets -> new SharedWork(
                        Optional.of(leadership.isHere()),
                        sets.published().addresses(),
                        sets.published().syncMillis()))
                .orElse(SharedWork.NONE);
    }

    @Override
    public Diagnosis diagnosis() {
        return checkup.diagnosis();
    }

    @Override
    public Optional<List<Range>> allowed() {
        return checkup.allowed();
    }

    @Override
    public EnforcementGate gate() {
        return checkup.gate();
    }

    @Override
    public Optional<DiscoveredLoadBalancers> loadBalancers() {
        return loadBalancers;
    }

    @Override
    public Optional<List<Range>> ranges() {
        return ranges;
    }

    @Override
    public Optional<List<Range>> liveExemptions() {
        return liveExemptions;
    }

    @Override
    public BlockedPrefixes blocked() {
        return lookup.sources();
    }

    @Override
    public SetWatch.Sets blockedSets() {
        return blocked.map(SetWatch::sets).orElse(SetWatch.Sets.UNKNOWN);
    }

    @Override
    public Leadership leadership() {
        return leadership;
    }

    @Override
    public List<AgentAddress> otherAgents() throws ClusterException {
        Map<String, AgentAddress> agents = new TreeMap<>();
        for (AgentPods.Pod pod : new AgentPods(connection, namespace).list(AgentPods.SELECTOR)) {
            if (pod.isRunning() && !pod.address().isEmpty() && !pod.node().equals(configuration.node())) {
                String host = pod.address().contains(":") ? "[" + pod.address() + "]" : pod.address();
                agents.put(pod.node(), new AgentAddress(pod.node(), "http://" + host + ":" + pod.port()));
            }
        }
        return List.copyOf(agents.values());
    }

    @Override
    public RequestCounts requests() {
        return connection.requests();
    }

    private ClusterSurvey survey() {
        ClusterSurvey survey =
                ClusterSurvey.take(connection, configuration.blocklist().crdAllowed(), configuration.clusterNeeds());
        // If this survey has no policies, the prefix that was read before remains.
        survey.policies()
                .ifPresent(policies -> responseBase =
                        policies.dataPlaneOf(configuration.node()).responsePrefix());
        return survey;
    }

    @Override
    public String responseBase() {
        return responseBase;
    }

    @Override
    public BlocklistStore store(Supplier<NeverBlock> neverBlock) {
        try {
            return new GlobalNetworkSetStore(
                    connection,
                    new CalicoApi(connection, configuration.blocklist().crdAllowed()),
                    configuration.node(),
                    () -> watch.view().nodeUid(),
                    neverBlock,
                    () -> watch.view().nodes(),
                    SubnetLengths.widest(configuration.blocklist().rules()));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(Setting.NODE.key() + ": " + e.getMessage());
        }
    }

    @Override
    public DecisionListener events() {
        return new NodeEvents(connection, configuration.node());
    }

    /** Converts a Service; impossible ports are left out. */
    static LoadBalancer loadBalancer(ClusterLoadBalancer service) {
        List<ServicePort> ports = new ArrayList<>();
        List<ServicePort> nodePorts = new ArrayList<>();
        for (ClusterLoadBalancer.PortMapping port : service.ports()) {
            if (isPort(port.number())) {
                ports.add(new ServicePort(port.transport(), port.number()));
            }
            if (isPort(port.nodePort())) {
                nodePorts.add(new ServicePort(port.transport(), port.nodePort()));
            }
        }
        return new LoadBalancer(
                Stream.concat(service.addresses().stream(), service.externalAddresses().stream())
                        .distinct()
                        .map(IpPrefix::of)
                        .toList(),
                name(service.namespace()),
                name(service.name()),
                ports,
                nodePorts);
    }

    private static boolean isPort(int number) {
        return number > 0 && number <= PORT_MAX;
    }

    /** Makes a name printable and short enough; a real API server would refuse other names. */
    private static String name(String text) {
        String printable = UNPRINTABLE.matcher(text).replaceAll("?");
        return printable.length() <= LoadBalancer.NAME_BYTES_MAX
                ? printable
                : printable.substring(0, LoadBalancer.NAME_BYTES_MAX);
    }

    @Override
    public void close() {
        leadership.close();
        watch.close();
        blocked.ifPresent(SetWatch::close);
        neverBlock.ifPresent(SetWatch::close);
        connection.close();
    }
}
