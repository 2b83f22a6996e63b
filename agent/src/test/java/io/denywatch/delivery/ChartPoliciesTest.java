package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.Preset;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Port;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicyOptions.ExemptSources;
import io.denywatch.policy.manifest.PolicyOptions.NodePortOptions;
import io.denywatch.policy.manifest.PolicyOptions.Part;
import io.denywatch.policy.manifest.PolicySet;
import io.denywatch.policy.manifest.PolicyYaml;
import io.denywatch.policy.manifest.ProtectedAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The chart's policies are those of {@code denywatch policies}, of which it is proven what they log. */
class ChartPoliciesTest {
    private static final int DRAWS = 30;
    private static final Set<String> NETS = Set.of("nets", "notNets");
    private static final String SELECTOR = "ibm.role == 'worker_public'";

    private static final List<IpPrefix> SPECIAL =
            NeverBlock.of(List.of(), List.of(), List.of(), List.of()).ranges().stream()
                    .map(NeverBlock.Range::addresses)
                    .toList();

    /** An object in one form: order is of no meaning within nets, and of all meaning among rules. */
    private static Object meaning(JsonNode node) {
        if (node.isObject()) {
            TreeMap<String, Object> map = new TreeMap<>();
            node.properties()
                    .forEach(property -> map.put(
                            property.getKey(),
                            NETS.contains(property.getKey())
                                    ? property.getValue()
                                            .valueStream()
                                            .map(net -> IpPrefix.parse(net.asString()))
                                            .collect(Collectors.toSet())
                                    : meaning(property.getValue())));
            return map;
        }
        return node.isArray()
                ? node.valueStream().map(ChartPoliciesTest::meaning).toList()
                : node;
    }

    private static List<Object> printed(PolicyOptions options) {
        List<Object> policies = new ArrayList<>();
        new Chart.Rendered(PolicyYaml.of(PolicySet.of(options)))
                .objects()
                .forEach(policy -> policies.add(named(policy)));
        return policies;
    }

    /** What is said before each policy, but for what the chart does by itself. */
    private static List<String> headers(String manifests) {
        return Stream.of(manifests.split("(?m)^---\n"))
                .filter(manifest -> manifest.contains("kind: GlobalNetworkPolicy\n"))
                .map(manifest -> Pattern.compile("(?m)^  name: .*$")
                                .matcher(manifest)
                                .results()
                                .map(MatchResult::group)
                                .findFirst()
                                .orElseThrow()
                        + manifest.lines()
                                .filter(line -> line.startsWith("# ")
                                        && !line.startsWith("# Source: ")
                                        && !line.startsWith("# Let the agents exempt the same: "))
                                .collect(Collectors.joining("\n", "\n", "\n")))
                .sorted()
                .toList();
    }

    private static Object named(JsonNode policy) {
        return List.of(
                policy.path("apiVersion").asString(),
                policy.at("/metadata/name").asString(),
                meaning(policy.get("spec")));
    }

    private static List<Object> rendered(String values) {
        return Chart.render(values).ofKind("GlobalNetworkPolicy").stream()
                .sorted((a, b) -> Integer.compare(order(a), order(b)))
                .map(ChartPoliciesTest::named)
                .toList();
    }

    private static int order(JsonNode policy) {
        return policy.at("/spec/order").asInt();
    }

    private static String values(PolicyOptions options, List<String> loadBalancers) {
        List<IpPrefix> always = options.exempt().always();
        return "config: {blocklist: {neverBlock: " + prefixes(always.subList(0, always.size() / 2)) + ", mayBlock: "
                + prefixes(options.exempt().mayBlock()) + "}}\n"
                + "networkPolicy: {apiServers: " + prefixes(always.subList(always.size() / 2, always.size())) + "}\n"
                + "policies: {enabled: true, selector: \"" + options.selector() + "\", denyNodePorts: "
                + options.only().contains(Part.DENY_NODEPORTS) + ", nodePorts: \""
                + options.nodePorts().ports().stream()
                        .map(Port.PortRange::toString)
                        .collect(Collectors.joining(","))
                + "\", nodeNets: " + prefixes(options.nodePorts().addresses()) + ", allowNodePorts: "
                + prefixes(options.nodePorts().allowed()) + ", loadBalancers: " + quoted(loadBalancers) + ", allow: "
                + prefixes(options.allowed()) + ", names: {allowlist: " + options.name(Part.ALLOWLIST)
                + ", logDeniedPackets: " + options.name(Part.LOG_DENIED_PACKETS) + ", denyLb: "
                + options.name(Part.DENY_LB) + ", denyNodePorts: " + options.name(Part.DENY_NODEPORTS) + "}}\n"
                + "blocklist: {policy: {name: " + options.name(Part.BLOCKLIST) + ", xdp: " + options.beforeTracking()
                + ", logBlocked: " + options.logBlocked()
                + ", selector: \"" + options.selector()
                + "\"}}";
    }

    private static String prefixes(List<IpPrefix> prefixes) {
        return quoted(prefixes.stream().map(IpPrefix::toString).toList());
    }

    private static String quoted(List<String> texts) {
        return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(", ", "[", "]"));
    }

    @Test
    void areTheOnesThatAreProvenForAnyLoadBalancersAndSources() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < DRAWS; i++) {
            List<String> loadBalancers = drawLoadBalancers(random);
            List<ProtectedAddress> parsed =
                    loadBalancers.stream().map(ProtectedAddress::parse).toList();
            List<IpPrefix> allowed = drawSources(
                    random, parsed.stream().map(ProtectedAddress::address).toList());
            Set<Part> parts = EnumSet.allOf(Part.class);
            if (!loadBalancers.isEmpty() && random.nextInt(3) == 0) {
                parts.remove(Part.DENY_NODEPORTS);
            }
            boolean beforeTracking = random.nextInt(4) == 0;
            PolicyOptions options = new PolicyOptions(
                    parsed,
                    allowed,
                    random.nextBoolean() ? SELECTOR : PolicyOptions.DEFAULT_SELECTOR,
                    drawNodePorts(random, parts.contains(Part.DENY_NODEPORTS)),
                    parts,
                    beforeTracking,
                    drawNames(random),
                    new ExemptSources(drawSources(random), SPECIAL, drawMayBlock(random)),
                    !beforeTracking && random.nextBoolean());
            String values = values(options, loadBalancers);

            assertEquals(printed(options), rendered(values), () -> "seed " + seed + ": " + values);
            assertEquals(
                    headers(PolicyYaml.of(PolicySet.of(options))),
                    headers(Chart.render(values).text()),
                    () -> "seed " + seed + ": " + values);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "discovered",
                "discovered:443/tcp",
                "discovered:80|discovered:53/udp",
                "discovered|discovered:9/sctp"
            })
    void thoseThatFollowLoadBalancersAreTheSameAsWell(String texts) {
        List<String> loadBalancers = List.of(texts.split("\\|"));
        for (String net : List.of("", "10.0.0.0/8")) {
            List<IpPrefix> nodes = net.isEmpty() ? List.of() : List.of(IpPrefix.parse(net));
            PolicyOptions options = new PolicyOptions(
                    loadBalancers.stream().map(ProtectedAddress::parse).toList(),
                    Stream.of("192.0.2.0/24", "2001:db8:1::/48")
                            .map(IpPrefix::parse)
                            .toList(),
                    SELECTOR,
                    new NodePortOptions(PolicyOptions.DEFAULT_NODE_PORTS.ports(), nodes, List.of()),
                    EnumSet.complementOf(EnumSet.of(Part.DENY_NODEPORTS)),
                    false,
                    Map.of(),
                    new ExemptSources(List.of(), SPECIAL, List.of()),
                    false);
            String values = values(options, loadBalancers) + "\ndiscovery: {enabled: true, publish: true}";

            assertEquals(printed(options), rendered(values), values);
            assertEquals(
                    headers(PolicyYaml.of(PolicySet.of(options))),
                    headers(Chart.render(values).text()),
                    values);
        }
    }

    private static List<String> drawLoadBalancers(Random random) {
        List<String> all = new ArrayList<>();
        for (int n = random.nextInt(6); n > 0; n--) {
            boolean ipv6 = random.nextInt(3) == 0;
            String address = ipv6 ? "2001:db8::" + (1 + random.nextInt(3)) : "203.0.113." + random.nextInt(3);
            int port = List.of(0, 8, 22, 80, 443, 6_443, 20_100, 31_000, 65_535).get(random.nextInt(9));
            String protocol = List.of("", "/tcp", "/udp", "/SCTP").get(random.nextInt(4));
            all.add(port == 0 ? address : (ipv6 ? "[" + address + "]" : address) + ":" + port + protocol);
        }
        return all;
    }

    private static NodePortOptions drawNodePorts(Random random, boolean denied) {
        List<Port.PortRange> ports = new ArrayList<>(PolicyOptions.DEFAULT_NODE_PORTS.ports());
        if (random.nextBoolean()) {
            ports = new ArrayList<>(List.of(new Port.PortRange(20_000, 22_767)));
        }
        if (random.nextBoolean()) {
            ports.add(List.of(new Port.PortRange(8, 8), new Port.PortRange(6_000, 6_500))
                    .get(random.nextInt(2)));
        }
        List<IpPrefix> nets = random.nextBoolean()
                ? List.of()
                : drawn(random, "203.0.113.0/31", "10.1.0.1/32", "2001:db8::/64", "::/0", "0.0.0.0/0");
        List<IpPrefix> anyNet = List.of(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("::/0"));
        return new NodePortOptions(
                ports, nets, denied ? drawSources(random, nets.isEmpty() ? anyNet : nets) : List.of());
    }

    /** Of the IP versions of these. */
    private static List<IpPrefix> drawSources(Random random, List<IpPrefix> destinations) {
        return drawSources(random).stream()
                .filter(source -> destinations.stream()
                        .anyMatch(net ->
                                net.network().isIpv4() == source.network().isIpv4()))
                .toList();
    }

    private static Map<Part, String> drawNames(Random random) {
        Map<Part, String> names = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            if (random.nextBoolean()) {
                names.put(part, part.id());
            }
        }
        return names;
    }

    private static List<IpPrefix> drawSources(Random random) {
        return drawn(random, "198.51.100.0/24", "192.0.2.9/32", "2001:db8:1::/64", "2001:db8::9/128");
    }

    private static List<IpPrefix> drawMayBlock(Random random) {
        return drawn(random, "10.20.0.0/16", "192.168.7.0/24", "fd00::/8");
    }

    private static List<IpPrefix> drawn(Random random, String... all) {
        return Stream.of(all)
                .filter(one -> random.nextBoolean())
                .map(IpPrefix::parse)
                .toList();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            loadBalancers: [203.0.113.7], allow: ["2001:db8::/64"] ~ policies.allow: 2001:db8::/64 is not allowed; allowed: IPv4, as all load balancers are
            allow: [192.0.2.1], denyNodePorts: true                ~ policies.allow: is of no use without policies.loadBalancers
            denyNodePorts: true, nodeNets: [10.0.0.0/8], allowNodePorts: ["::1"] ~ policies.allowNodePorts: ::1/128 is not allowed; allowed: IPv4
            loadBalancers: [203.0.113.7], allowNodePorts: [192.0.2.1] ~ policies.allowNodePorts: is of no use without policies.denyNodePorts
            denyNodePorts: true, selector: all()                   ~ policies.selector: all() is not allowed; allowed: one that requires
            loadBalancers: [203.0.113.7], selector: role != 'a'    ~ policies.selector: role != 'a' is not allowed; allowed: one that requires
            loadBalancers: [203.0.113.7], selector: all() || has(a) ~ policies.selector: all() || has(a) is not allowed; allowed: one that
            loadBalancers: [203.0.113.7], selector: has(a          ~ policies.selector: has(a is not allowed; allowed: one that requires
            loadBalancers: [203.0.113.7], selector: global()       ~ policies.selector: global() is not allowed; allowed: one that requires
            loadBalancers: ["203.0.113.7:0"]                       ~ policies.loadBalancers: port 0 of "203.0.113.7:0" is not allowed; allowed: 1
            loadBalancers: ["203.0.113.7:99999"]                   ~ policies.loadBalancers: port 99999 of "203.0.113.7:99999" is not
            loadBalancers: ["203.0.113"]                           ~ policies.loadBalancers: "203.0.113" is not allowed; allowed: IP, IP:PORT
            loadBalancers: ["203.0.113.256:80"]                    ~ policies.loadBalancers: "203.0.113.256" is not allowed; allowed: IP, IP:PORT
            loadBalancers: ["1::2::3"]                             ~ policies.loadBalancers: "1::2::3" is not allowed; allowed: IP, IP:PORT
            loadBalancers: ["127.0.0.1"]                           ~ policies.loadBalancers: "127.0.0.1" is not allowed; allowed: an address
            loadBalancers: [203.0.113.7], allow: [198.51.100.0/33] ~ policies.allow: "198.51.100.0/33" is not allowed; allowed: an IP address
            denyNodePorts: true, nodeNets: [10.0.0]                ~ policies.nodeNets: "10.0.0" is not allowed; allowed: an IP address
            denyNodePorts: true, allowNodePorts: ["1:2:3"]         ~ policies.allowNodePorts: "1:2:3" is not allowed; allowed: an IP address
            denyNodePorts: true, nodePorts: "40000:30000"          ~ policies.nodePorts: "40000:30000" is not allowed; allowed: FIRST:LAST
            denyNodePorts: true, nodePorts: "30000:99999"          ~ policies.nodePorts: "30000:99999" is not allowed; allowed: FIRST:LAST
            loadBalancers: [discovered]                            ~ policies.loadBalancers: discovered is not allowed; allowed: with discovery.publish
            loadBalancers: [discovered, 203.0.113.7]               ~ policies.loadBalancers: discovered is not allowed with addresses
            loadBalancers: [discovered], denyNodePorts: true       ~ policies.loadBalancers: discovered is not allowed with policies.denyNodePorts
            enabled: true                                          ~ policies: neither loadBalancers nor denyNodePorts
            """)
    void refusesWhatTheCommandRefuses(String policies, String message) {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> Chart.render("policies: {"
                        + (policies.contains("enabled") ? policies : "enabled: true, " + policies) + "}"));

        assertTrue(String.valueOf(refused.getMessage()).contains(message), refused::toString);
    }

    /** An agent that adds a range lets the policies catch up here. */
    @Test
    void rangesAreTheAgents() {
        JsonNode ranges = Chart.yaml(Chart.DIRECTORY.resolve("files/ranges.yaml"));

        assertEquals(
                SPECIAL,
                ranges.get("special")
                        .valueStream()
                        .map(range -> IpPrefix.parse(range.asString()))
                        .toList());
    }

    @Test
    void presetsAreTheAgents() {
        JsonNode presets =
                Chart.yaml(Chart.DIRECTORY.resolve("files/ranges.yaml")).get("presets");
        Map<String, List<IpPrefix>> expected = new TreeMap<>();
        for (Preset preset : Preset.values()) {
            expected.put(
                    preset.label(),
                    preset.ranges().stream().map(NeverBlock.Range::addresses).toList());
        }
        Map<String, List<IpPrefix>> found = new TreeMap<>();
        presets.properties()
                .forEach(preset -> found.put(
                        Preset.PREFIX + preset.getKey(),
                        preset.getValue()
                                .valueStream()
                                .map(range -> IpPrefix.parse(range.asString()))
                                .toList()));
        assertEquals(expected, found);
    }

    @Test
    void aPresetIsExemptButForWhatMayBeBlocked() {
        Chart.Rendered rendered = Chart.render("{blocklist: {mode: enforce}, config: {blocklist: {neverBlock:"
                + " [\"preset:ibm-cloud\"], mayBlock: [161.26.7.0/24]}}}");
        JsonNode rules = rendered.only("GlobalNetworkPolicy").at("/spec/ingress");

        assertEquals(Chart.yaml("[161.26.7.0/24]"), rules.at("/0/source/nets"));
        assertFalse(rules.at("/0/source").has("notNets"), rules.toString());
        List<String> exempt = rules.at("/1/source/notNets")
                .valueStream()
                .map(JsonNode::asString)
                .toList();
        assertTrue(exempt.containsAll(List.of("10.0.0.0/8", "161.26.0.0/16", "166.8.0.0/14")), exempt.toString());
        assertEquals(
                Chart.yaml("[\"preset:ibm-cloud\"]"),
                Chart.yaml(rendered.configuration()).at("/blocklist/neverBlock"));
    }

    /** A source that a policy lets in after the blocklist must not get onto it. */
    @ParameterizedTest
    @ValueSource(strings = {"off", "dry-run", "enforce"})
    void whatIsAllowedIsNeverBlockedByTheAgentsEither(String mode) {
        JsonNode blocklist = Chart.yaml(Chart.render(
                                "{policies: {enabled: true, loadBalancers: [203.0.113.7], allow: [192.0.2.9, 198.51.100.0/24]},"
                                        + " blocklist: {mode: " + mode + "}, config: {blocklist: {neverBlock:"
                                        + " [198.51.100.0/24, 233.252.0.0/24]}}}")
                        .configuration())
                .get("blocklist");

        assertEquals(Chart.yaml("[198.51.100.0/24, 233.252.0.0/24, 192.0.2.9]"), blocklist.get("neverBlock"));
        assertFalse(Chart.yaml(Chart.render("blocklist: {mode: " + mode + "}").configuration())
                .get("blocklist")
                .has("neverBlock"));
    }

    @Test
    void addressesOfLoadBalancersAreExemptWhereverTheyAreNamed() {
        String policy = Chart.render("""
                        blocklist: {mode: enforce}
                        config: {loadBalancers: {static: [203.0.113.64/28, {address: 203.0.113.8}]}}
                        """)
                .only("GlobalNetworkPolicy")
                .at("/spec/ingress/0/source/notNets")
                .toString();

        for (String net : List.of("203.0.113.64/28", "203.0.113.8/32", "10.0.0.0/8")) {
            assertTrue(policy.contains('"' + net + '"'), policy);
        }
    }

    @Test
    void aPresetThatIsNoneIsRefused() {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> Chart.render("{blocklist: {mode: enforce}, config: {blocklist: {neverBlock: ['preset:none']}}}"));

        assertTrue(String.valueOf(refused.getMessage()).contains("preset:none is not allowed"), refused::toString);
    }

    /** GitOps tools render without a cluster, and with rights to replace what is there. */
    @Test
    void nothingDependsOnWhatIsInTheCluster() throws IOException {
        try (Stream<Path> templates = Files.walk(Chart.DIRECTORY.resolve("templates"))) {
            for (Path template : templates.filter(Files::isRegularFile).toList()) {
                assertFalse(Files.readString(template).contains("lookup "), template::toString);
            }
        }
    }

    /** The names of the provider's tutorial are in its values alone: elsewhere they may be policies of others. */
    @ParameterizedTest
    @MethodSource("cases")
    void whatIsClusterWideIsNamedAfterTheProgramOrTheRelease(Path values) {
        boolean tutorial = values.endsWith("ibm-cloud-values.yaml");
        for (JsonNode object : Chart.render(values).objects()) {
            String name = object.at("/metadata/name").asString();
            boolean clusterWide = !object.get("metadata").has("namespace");

            assertTrue(
                    !clusterWide || tutorial || name.matches("(denywatch|dw|denials|more|still).*"),
                    object.path("kind").asString() + " " + name);
        }
    }

    static List<Path> cases() {
        return Chart.cases();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void blocklistComesWithEnforcement(boolean xdp) {
        PolicyOptions options = new PolicyOptions(
                        List.of(),
                        List.of(),
                        SELECTOR,
                        PolicyOptions.DEFAULT_NODE_PORTS,
                        EnumSet.of(Part.BLOCKLIST),
                        xdp)
                .exempting(new ExemptSources(List.of(), SPECIAL, List.of()));

        assertEquals(
                printed(options),
                rendered("blocklist: {mode: enforce, policy: {xdp: " + xdp + ", selector: \"" + SELECTOR + "\"}}"));
    }

    @Test
    void networkCardsLogNothing() {
        IllegalStateException refused = assertThrows(
                IllegalStateException.class,
                () -> Chart.render("blocklist: {mode: enforce, policy: {xdp: true, logBlocked: true}}"));

        assertTrue(
                String.valueOf(refused.getMessage())
                        .contains("blocklist.policy.logBlocked: true is not allowed with blocklist.policy.xdp"),
                refused::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "blocklist: {mode: dry-run}",
                "blocklist: {mode: enforce, policy: {create: false}}",
                "{blocklist: {mode: enforce}, config: {blocklist: {api: crd.projectcalico.org/v1}}}",
            })
    void isNoPolicyWhereNoneIsWantedOrPossible(String values) {
        assertEquals(List.of(), rendered(values));
    }

    /** Whatever is in the template is Helm's: it would empty the set at each upgrade. */
    @ParameterizedTest
    @ValueSource(strings = {"projectcalico.org/v3", "crd.projectcalico.org/v1"})
    void setOfPeopleIsThereWithoutWhatPeoplePutIntoIt(String api) {
        JsonNode set = Chart.render("{blocklist: {mode: enforce}, config: {blocklist: {api: " + api + "}}}")
                .only("GlobalNetworkSet");

        assertEquals(api, set.path("apiVersion").asString());
        assertEquals("denywatch-manual", set.at("/metadata/name").asString());
        assertEquals("true", set.at("/metadata/labels/denywatch.io~1blocklist").asString());
        assertTrue(set.get("spec").isEmpty());
        assertFalse(set.at("/metadata").has("annotations"));
    }

    @Test
    void setOfPeopleStaysBehindOnlyWhereThatIsWanted() {
        JsonNode set = Chart.render("blocklist: {mode: enforce, manualSet: {keep: true}}")
                .only("GlobalNetworkSet");

        assertEquals(
                "keep", set.at("/metadata/annotations/helm.sh~1resource-policy").asString());
        assertEquals(List.of(), Chart.render("blocklist: {mode: dry-run}").ofKind("GlobalNetworkSet"));
    }
}
