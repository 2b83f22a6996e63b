package io.denywatch.command;

import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.Preset;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.survey.NodePortSurvey;
import io.denywatch.config.ClusterOptions;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.Port;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicyOptions.ExemptSources;
import io.denywatch.policy.manifest.PolicyOptions.NodePortOptions;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import io.denywatch.policy.manifest.PolicySet;
import io.denywatch.policy.manifest.PolicyYaml;
import io.denywatch.policy.manifest.ProtectedAddress;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.PrintableText;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code policies} command: prints the policies that denywatch needs, as manifests. */
@Command(
        name = PoliciesCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Prints policies as YAML for kubectl (if projectcalico.org/v3 is served) or calicoctl. They deny load"
                        + " balancers and node ports, log what they deny, and block the sources in the blocklist. With --context or"
                        + " --kubeconfig, checks the cluster for traffic that they would cut off.")
final class PoliciesCommand implements Callable<Integer> {
    static final String NAME = "policies";

    /** Options that the messages of {@link PolicyOptions} may begin with. */
    private static final Set<String> OPTIONS =
            Set.of("--selector", "--name", "--allow", "--allow-nodeports", "--log-blocked", "--nlb");

    private final ProcessContext world;

    @Option(
            names = "--nlb",
            arity = "1..*",
            split = ",",
            paramLabel = "IP[:PORT[/PROTOCOL]]",
            description =
                    "Load balancers that only --allow can reach; TCP and UDP if no protocol is given. \"discovered\""
                            + " in place of IP stands for all load balancers, which agents with loadBalancers.publish keep"
                            + " in a network set.")
    private List<String> loadBalancers = new ArrayList<>();

    @Option(
            names = "--allow",
            arity = "1..*",
            split = ",",
            paramLabel = "CIDR",
            description = "Sources that may reach the load balancers, and are never blocked.")
    private List<String> allowed = new ArrayList<>();

    @Option(
            names = "--selector",
            paramLabel = "EXPRESSION",
            defaultValue = PolicyOptions.DEFAULT_SELECTOR,
            description = "Host endpoints that the policies apply to (default: ${DEFAULT-VALUE}).")
    private String selector = PolicyOptions.DEFAULT_SELECTOR;

    @Option(
            names = "--nodeports",
            arity = "1..*",
            split = ",",
            paramLabel = "FIRST:LAST",
            description = "Node ports to deny (default: 30000:32767); implies deny-nodeports.")
    private List<String> nodePorts = new ArrayList<>();

    @Option(
            names = "--node-net",
            arity = "1..*",
            split = ",",
            paramLabel = "CIDR",
            description = "Addresses of nodes, in place of the host endpoints' expectedIPs. Packets from them are"
                    + " allowed. 0.0.0.0/0 and ::/0 deny node ports at every address and allow no source.")
    private List<String> nodeNets = new ArrayList<>();

    @Option(
            names = "--allow-nodeports",
            arity = "1..*",
            split = ",",
            paramLabel = "CIDR",
            description = "Sources that may reach the node ports, such as load balancers and their health checks.")
    private List<String> allowedNodePorts = new ArrayList<>();

    @Option(
            names = "--only",
            arity = "1..*",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Print only these policies: blocklist, allowlist, log-denied-packets, deny-lb, deny-nodeports.")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--name",
            split = ",",
            paramLabel = "POLICY=NAME",
            description = "Name of a policy, such as blocklist=my-blocklist (default: denywatch-POLICY).")
    private Map<String, String> names = new LinkedHashMap<>();

    @Option(
            names = "--never-block",
            arity = "1..*",
            split = ",",
            paramLabel = "CIDR|PRESET",
            description =
                    "Sources exempt from the blocklist, besides --allow, --nlb and private and special ranges: the"
                            + " same as the agents' blocklist.neverBlock.")
    private List<String> neverBlock = new ArrayList<>();

    @Option(
            names = "--may-block",
            arity = "1..*",
            split = ",",
            paramLabel = "CIDR",
            description = "Parts of private and special ranges that may be blocked nevertheless: the same as"
                    + " the agents' blocklist.mayBlock.")
    private List<String> mayBlock = new ArrayList<>();

    /** Has no effect, because kubectl and calicoctl accept the same document. */
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = "--calicoctl",
            description = "Print for calicoctl. The output is the same: names without a dot, in the default tier.")
    private boolean calicoctl;

    @Option(
            names = "--xdp",
            description =
                    "Apply the blocklist before connection tracking: established connections also end, and"
                            + " network cards with XDP can drop packets. Not at automatic host endpoints, and without exemptions.")
    private boolean beforeTracking;

    @Option(
            names = "--log-blocked",
            description =
                    "Log what the blocklist denies, so that agents with blocklist.countBlocked can count it. Not with"
                            + " --xdp.")
    private boolean logBlocked;

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    PoliciesCommand(ProcessContext world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        PolicyOptions options = options(nodePorts());
        List<String> notes = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        loadBalancers.forEach(text -> ProtectedAddress.meant(text)
                .ifPresent(other -> warnings.add(
                        "--nlb " + text + " is an address without a port. If " + other + " is meant, write that.")));
        checkExemptions(warnings);
        FailsafePorts failsafe = FailsafePorts.DEFAULT;
        if (cluster.isGiven()) {
            NodePortSurvey survey = survey();
            failsafe = survey.failsafePorts();
            options =
                    new NodePortCheck(survey, options).decide(!only.isEmpty() || followsAll(options), notes, warnings);
        } else if (only.isEmpty() && !asksForNodePorts() && !followsAll(options)) {
            notes.add(NodePortCheck.LEFT_OUT
                    + "it may cut off load balancers and health checks that send to node ports. Check for them with"
                    + " --context or --kubeconfig, or confirm it with --nodeports "
                    + PolicyOptions.DEFAULT_NODE_PORTS.ports().getFirst());
        }
        PolicySet set = PolicySet.of(options);
        if (set.policies().isEmpty()) {
            throw CommandFailure.usage(
                    "--only: " + String.join(", ", only)
                            + " is not allowed; allowed: policies with a rule (deny-lb needs --nlb, allowlist --nlb and --allow)");
        }
        warnings.addAll(PolicyYaml.warnings(set, failsafe));
        Stream.concat(notes.stream(), warnings.stream()).forEach(line -> world.say("denywatch: " + line));
        PrintWriter out = new PrintWriter(new OutputStreamWriter(world.out(), StandardCharsets.UTF_8));
        notes.forEach(note -> out.print("# " + PrintableText.of(note) + "\n"));
        out.print(PolicyYaml.of(set, failsafe));
        out.flush();
        return 0;
    }

    private NodePortSurvey survey() {
        try (ClusterConnection connection = cluster.connect(world)) {
            return NodePortSurvey.take(connection);
        } catch (ClusterException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()));
        }
    }

    private NodePortOptions nodePorts() {
        List<Port.PortRange> ports = nodePorts.isEmpty()
                ? PolicyOptions.DEFAULT_NODE_PORTS.ports()
                : nodePorts.stream().map(PoliciesCommand::range).toList();
        return new NodePortOptions(
                ports,
                all("--node-net", nodeNets, IpPrefix::parse),
                all("--allow-nodeports", allowedNodePorts, IpPrefix::parse));
    }

    private PolicyOptions options(NodePortOptions denied) {
        List<ProtectedAddress> these = all("--nlb", loadBalancers, ProtectedAddress::parse);
        List<IpPrefix> sources = all("--allow", allowed, IpPrefix::parse);
        List<Preset> presets = new ArrayList<>();
        List<String> blocks = new ArrayList<>(neverBlock);
        blocks.removeIf(text -> Preset.of(text).map(presets::add).orElse(false));
        ExemptSources exempt = new ExemptSources(
                all("--never-block", blocks, PoliciesCommand::neverBlocked),
                NeverBlock.of(List.of(), presets, List.of(), List.of()).ranges().stream()
                        .map(NeverBlock.Range::addresses)
                        .toList(),
                all("--may-block", mayBlock, IpPrefix::parse));
        try {
            return new PolicyOptions(
                    these, sources, selector, denied, parts(), beforeTracking, named(), exempt, logBlocked);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            String option = "--" + message.substring(0, message.indexOf(' ')).replace("names", "name");
            throw CommandFailure.usage((OPTIONS.contains(option) ? option : "--only") + ": " + message);
        }
    }

    /** Network cards accept no rule with exemptions, so the blocklist's policy has none with {@code --xdp}. */
    private void checkExemptions(List<String> warnings) {
        if (!beforeTracking) {
            return;
        }
        refuse("--never-block", neverBlock);
        refuse("--may-block", mayBlock);
        if (!allowed.isEmpty() || !allowedNodePorts.isEmpty()) {
            warnings.add(
                    "--xdp: the blocklist's policy exempts no source, so it also blocks allowed sources that are on"
                            + " the blocklist");
        }
    }

    private static void refuse(String exempting, List<String> given) {
        if (!given.isEmpty()) {
            throw CommandFailure.usage(exempting + ": " + given.getFirst()
                    + " is not allowed; allowed: without --xdp (with it, the blocklist's policy exempts no source)");
        }
    }

    private static boolean followsAll(PolicyOptions options) {
        return options.loadBalancers().stream().anyMatch(ProtectedAddress::isDiscovered);
    }

    private boolean asksForNodePorts() {
        return !nodePorts.isEmpty() || !nodeNets.isEmpty() || !allowedNodePorts.isEmpty();
    }

    private Map<Part, String> named() {
        Map<Part, String> named = new EnumMap<>(Part.class);
        names.forEach((part, name) -> named.put(part("--name", part), name));
        return named;
    }

    /** The policies in {@code --only}. By default, all with rules; deny-nodeports only if an option asks for it. */
    private Set<Part> parts() {
        if (only.isEmpty()) {
            Set<Part> all = EnumSet.of(Part.BLOCKLIST);
            if (!loadBalancers.isEmpty()) {
                all.add(Part.DENY_LB);
            }
            if (asksForNodePorts()) {
                all.add(Part.DENY_NODEPORTS);
            }
            if (all.size() > 1) {
                all.add(Part.LOG_DENIED_PACKETS);
            }
            if (!allowed.isEmpty() || !allowedNodePorts.isEmpty()) {
                all.add(Part.ALLOWLIST);
            }
            return all;
        }
        Set<Part> these = only.stream()
                .map(name -> part("--only", name))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Part.class)));
        needs(these, Part.DENY_NODEPORTS, "--nodeports", nodePorts);
        if (these.contains(Part.DENY_LB)) {
            needs(these, Part.ALLOWLIST, "--allow", allowed);
        }
        if (these.contains(Part.DENY_NODEPORTS)) {
            needs(these, Part.ALLOWLIST, "--allow-nodeports", allowedNodePorts);
        }
        needs(these, Part.BLOCKLIST, "--xdp", beforeTracking ? List.of("") : List.of());
        needs(these, Part.BLOCKLIST, "--log-blocked", logBlocked ? List.of("") : List.of());
        needs(these, Part.BLOCKLIST, "--never-block", neverBlock);
        needs(these, Part.BLOCKLIST, "--may-block", mayBlock);
        return these;
    }

    /**
     * Refuses an option that would have no effect, because the user would believe that it allows sources that are
     * denied.
     */
    private static void needs(Set<Part> these, Part part, String option, List<String> given) {
        if (!given.isEmpty() && !these.contains(part)) {
            throw CommandFailure.usage((option + ": " + given.getFirst()).stripTrailing()
                    + " is not allowed; allowed: with " + part.id() + " in --only");
        }
    }

    private static Part part(String option, String id) {
        return Arrays.stream(Part.values())
                .filter(part -> part.id().equals(id))
                .findFirst()
                .orElseThrow(() -> CommandFailure.usage(option + ": \"" + id + "\" is not allowed; allowed: "
                        + Arrays.stream(Part.values()).map(Part::id).collect(Collectors.joining(", "))));
    }

    private static <T> List<T> all(String option, List<String> texts, Function<String, T> reading) {
        try {
            return texts.stream().map(reading).toList();
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(option + ": " + e.getMessage());
        }
    }

    private static IpPrefix neverBlocked(String text) {
        try {
            return IpPrefix.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "; allowed: a CIDR, or one of " + Preset.labels(), e);
        }
    }

    private static Port.PortRange range(String text) {
        try {
            if (Port.parse(text.replace('-', ':')) instanceof Port.PortRange range && range.first() > 0) {
                return range;
            }
        } catch (IllegalArgumentException e) { // not a valid port: reported below
        }
        throw CommandFailure.usage("--nodeports: \"" + text
                + "\" is not allowed; allowed: FIRST:LAST, from 1 to 65535, as in 30000:32767");
    }
}
