package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.Enforcement;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterLoadBalancer;
import io.denywatch.cluster.survey.CalicoPolicies;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.cluster.survey.FelixSettings;
import io.denywatch.doctor.ClusterFindings.Scope;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Stage;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicySet;
import io.denywatch.policy.manifest.ProtectedAddress;
import io.denywatch.top.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterFindingsTest {
    private static final List<String> PREFIXES = List.of("calico-packet", "calico-drop");
    private static final String POLICY = "denywatch-blocklist";
    private static final Scope ENFORCE = new Scope(Optional.of("n1"), true, POLICY, PREFIXES);
    private static final CalicoApi.Origin ORIGIN = new CalicoApi.Origin(CalicoApi.GROUP_V3, "v3", true, "v3.31.7");
    private static final List<Policy> PRINTED = PolicySet.of(PolicyOptions.of(
                    List.of(ProtectedAddress.parse("203.0.113.7:80")), List.of(IpPrefix.parse("198.51.100.9"))))
            .policies();

    private static HostEndpoint endpoint(String node) {
        return new HostEndpoint(
                node + "-auto-hep",
                node,
                "*",
                Map.of("kubernetes.io/hostname", node),
                List.of(),
                List.of(HostEndpoint.DEFAULT_ALLOW));
    }

    private static ClusterSurvey survey(List<Policy> policies, FelixSettings dataPlane, String... nodes) {
        PolicyState state = new PolicyState(
                List.of(),
                policies,
                List.of(),
                List.of(nodes).stream().map(ClusterFindingsTest::endpoint).toList());
        return new ClusterSurvey(
                "",
                Optional.of(ORIGIN),
                "",
                Optional.of(new CalicoPolicies(ORIGIN, state, List.of(), dataPlane, Map.of())),
                "",
                List.of(),
                List.of());
    }

    private static ClusterSurvey survey(FelixSettings dataPlane) {
        return survey(PRINTED, dataPlane, "n1");
    }

    /** What is not as it should be, notes aside. */
    private static List<String> ids(ClusterSurvey survey, Scope scope) {
        return ClusterFindings.of(survey, scope).stream()
                .filter(finding -> finding.severity().compareTo(Severity.NOTE) > 0)
                .map(Finding::id)
                .toList();
    }

    /** The printed policies in another order: what is logged may be let in. */
    private static List<Policy> logBeforeAllowlist() {
        List<Policy> policies = new ArrayList<>(PRINTED);
        policies.replaceAll(policy -> policy.name().equals("denywatch-log-denied-packets")
                ? Policy.ingress(policy.stage(), policy.name(), 300, policy.selector(), policy.ingress())
                : policy);
        return policies;
    }

    @Test
    void findsNothingWrongWithThePrintedPolicies() {
        assertEquals(List.of(), ids(survey(FelixSettings.DEFAULT), ENFORCE));
        assertTrue(ClusterFindings.of(survey(FelixSettings.DEFAULT), ENFORCE).stream()
                .anyMatch(finding -> finding.id().equals("logged-is-denied") && finding.severity() == Severity.OK));
    }

    /** What GitOps would replace: in any mode, whatever order and host endpoints the policy has. */
    @ParameterizedTest
    @CsvSource({
        "denywatch-deny-lb, '', denywatch-deny-lb, true", // another policy of the printed ones
        "denywatch-deny-lb, default., denywatch-deny-lb, true", // as older APIs give the name
        "denywatch-blocklist, '', denywatch-blocklist, false",
        "denywatch-blocklist, default., denywatch-blocklist, false",
        "denywatch-deny-lb, '', denywatch-blocklist, false", // not this one's name
        "denywatch-deny-lb, '', none, false",
    })
    void aPolicyThatHasTheNameOfTheBlocklistsAndIsAnotherIsNamed(
            String policy, String tier, String configured, boolean taken) {
        List<Policy> only = PRINTED.stream()
                .filter(one -> one.name().equals(policy))
                .map(one -> Policy.ingress(one.stage(), tier + one.name(), 7, one.selector(), one.ingress()))
                .toList();

        for (boolean enforce : List.of(true, false)) {
            List<String> ids = ids(
                    survey(only, FelixSettings.DEFAULT, "n1"),
                    new Scope(Optional.of("n1"), enforce, configured, PREFIXES));

            assertEquals(taken, ids.contains("blocklist-policy-name-taken"), ids::toString);
        }
    }

    @Test
    void theBlocklistIsEnforcedWhereAnActivePolicyDeniesItOnEachNode() {
        Scope all = new Scope(Optional.empty(), true, POLICY, PREFIXES);
        Scope counting = new Scope(Optional.of("n1"), false, POLICY, PREFIXES);
        List<Policy> withoutIt = PRINTED.stream()
                .filter(policy -> !policy.name().endsWith("blocklist"))
                .toList();
        List<Policy> onOneNode = PRINTED.stream()
                .map(policy -> Policy.ingress(
                        policy.stage(),
                        policy.name(),
                        policy.order(),
                        "kubernetes.io/hostname == 'n1'",
                        policy.ingress()))
                .toList();

        assertEquals(Enforcement.ACTIVE, ClusterFindings.enforcement(survey(FelixSettings.DEFAULT), ENFORCE));
        assertEquals(Enforcement.ACTIVE, ClusterFindings.enforcement(survey(FelixSettings.DEFAULT), counting));
        assertEquals(
                Enforcement.MISSING,
                ClusterFindings.enforcement(survey(withoutIt, FelixSettings.DEFAULT, "n1"), counting));
        assertEquals(Enforcement.MISSING, ClusterFindings.enforcement(survey(PRINTED, FelixSettings.DEFAULT), ENFORCE));
        assertEquals(Enforcement.MISSING, ClusterFindings.enforcement(survey(PRINTED, FelixSettings.DEFAULT), all));
        ClusterSurvey two = survey(onOneNode, FelixSettings.DEFAULT, "n1", "n2");
        assertEquals(Enforcement.ACTIVE, ClusterFindings.enforcement(two, ENFORCE));
        assertEquals(Enforcement.MISSING, ClusterFindings.enforcement(two, all));
        assertEquals(Enforcement.UNKNOWN, ClusterFindings.enforcement(ClusterSurvey.unreachable("x"), ENFORCE));
    }

    @Test
    void aClusterThatLogsNothingBansNobody() {
        List<String> ids = ids(survey(List.of(), FelixSettings.DEFAULT), ENFORCE);

        assertEquals(List.of("no-host-endpoint", "blocklist-policy-missing", "no-log-rule"), ids);
        assertTrue(ids.stream().noneMatch(FindingKind.WITHHOLDING_BLOCKING::contains));
    }

    @Test
    void aLogRuleBeforeTheAllowlistBansInnocents() {
        List<String> ids = ids(survey(logBeforeAllowlist(), FelixSettings.DEFAULT, "n1"), ENFORCE);

        assertTrue(ids.contains("log-may-not-be-denied"), ids::toString);
        assertTrue(ids.stream().anyMatch(FindingKind.WITHHOLDING_BLOCKING::contains));
    }

    @Test
    void policiesThatCannotBeReadMayBanInnocents() {
        ClusterSurvey survey = new ClusterSurvey(
                "", Optional.of(ORIGIN), "", Optional.empty(), "GET /apis/x: 403", List.of(), List.of());

        assertEquals(List.of("allowlist-can-be-blocked", "policies-unreadable"), ids(survey, ENFORCE));
        assertEquals(
                List.of("log-may-not-be-denied", "log-surely-allowed", "policies-not-finished", "policies-unreadable"),
                FindingKind.WITHHOLDING_BLOCKING);
    }

    private static ClusterSurvey survey(NetworkSet... sets) {
        PolicyState state = new PolicyState(List.of(), PRINTED, List.of(sets), List.of(endpoint("n1")));
        return new ClusterSurvey(
                "",
                Optional.of(ORIGIN),
                "",
                Optional.of(new CalicoPolicies(ORIGIN, state, List.of(), FelixSettings.DEFAULT, Map.of())),
                "",
                List.of(),
                List.of());
    }

    private static NetworkSet exempt(String name, String... nets) {
        return new NetworkSet(
                name,
                Map.of("denywatch.io/never-block", "true"),
                Arrays.stream(nets).map(IpPrefix::parse).toList());
    }

    @Test
    void setsThatShouldExemptSourcesAndDoNotAreNamed() {
        Scope ignoring = new Scope(Optional.of("n1"), true, POLICY, PREFIXES, true);
        ClusterSurvey good = survey(exempt("partners", "198.51.100.0/24"), exempt("office", "192.0.2.1"));

        assertEquals(List.of(), ids(good, ENFORCE));
        assertEquals(
                "blocklist.liveExemptions is false, and 2 sets with the label denywatch.io/never-block exist:"
                        + " partners, office",
                only("never-block-sets-ignored", good, ignoring));
        assertEquals(List.of(), ids(survey(), ignoring));
        assertEquals(
                "set all has 0.0.0.0/0, which is too wide to be exempt; allowed: /8 or longer in IPv4, /16 or longer"
                        + " in IPv6",
                only("never-block-set-in-part", survey(exempt("all", "0.0.0.0/0")), ENFORCE));
        NetworkSet unreadable = new NetworkSet(
                "typo", Map.of("denywatch.io/never-block", "true"), List.of(), List.of(Oddity.NET_PASSED_OVER.at("x")));
        assertEquals(
                "set typo has 1 net that cannot be read", only("never-block-set-in-part", survey(unreadable), ENFORCE));
    }

    private static String only(String id, ClusterSurvey survey, Scope scope) {
        List<String> found = ClusterFindings.of(survey, scope).stream()
                .filter(finding -> finding.id().equals(id))
                .map(Finding::what)
                .toList();
        assertEquals(1, found.size(), found::toString);
        return found.getFirst();
    }

    @Test
    void policiesThatNeedNotBeReadAreANote() {
        ClusterSurvey survey = new ClusterSurvey(
                "", Optional.empty(), "", Optional.empty(), ClusterSurvey.NOT_ASKED, List.of(), List.of());

        List<Finding> findings = ClusterFindings.of(survey, new Scope(Optional.of("n1"), false, POLICY, PREFIXES));

        assertEquals(
                List.of("policies-not-checked"),
                findings.stream().map(Finding::id).toList());
        assertEquals(Severity.NOTE, findings.getFirst().severity());
    }

    @Test
    void oneFindingNamesTheNodesThatItHoldsFor() {
        Scope all = new Scope(Optional.empty(), false, POLICY, PREFIXES);
        String[] nodes = IntStream.rangeClosed(1, 9).mapToObj(i -> "n" + i).toArray(String[]::new);
        List<Policy> policies = new ArrayList<>(PRINTED);
        policies.replaceAll(policy -> Policy.ingress(
                policy.stage(), policy.name(), policy.order(), "kubernetes.io/hostname == 'n1'", policy.ingress()));

        List<Finding> findings = ClusterFindings.of(survey(policies, FelixSettings.DEFAULT, nodes), all);

        List<String> what = findings.stream()
                .filter(finding -> finding.id().equals("log-without-host-endpoint"))
                .map(Finding::what)
                .toList();
        assertEquals(1, what.size(), findings::toString);
        assertTrue(what.getFirst().endsWith("(on 8 of 9 nodes: n2, n3, n4, n5, n6 and 3 more)"), what::toString);
        assertEquals(
                List.of(),
                ids(
                        survey(policies, FelixSettings.DEFAULT, nodes),
                        new Scope(Optional.of("n1"), false, POLICY, PREFIXES)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', nullValues = "-", textBlock = """
            calico-packet                       ~ Disabled ~ -
            calico-packet %p                    ~ Disabled ~ -
            calico-drop                         ~ Enabled  ~ -
            calico-p%n                          ~ Enabled  ~ -
            denied                              ~ Disabled ~ log-prefix-not-counted
            denied %p                           ~ Disabled ~ log-prefix-not-counted
            calico                              ~ Disabled ~ log-prefix-not-counted
            calico-packet-of-the-front-fir      ~ Disabled ~ prefix-cut
            calico-packet-of-the-front-         ~ Disabled ~ -
            calico-packet-of-the-front-1        ~ Disabled ~ prefix-cut
            calico-packet-of-the-front-fir      ~ Enabled  ~ -
            """)
    void comparesTheConfiguredPrefixWithTheOnesThatAreCounted(String prefix, String nftables, String id) {
        assertEquals(
                id == null ? List.of() : List.of(id),
                ids(survey(new FelixSettings(false, nftables, prefix, "", "")), ENFORCE));
    }

    @Test
    void tellsOfDataPlanesThatLogElsewhereOrOnlySome() {
        assertEquals(
                List.of("ebpf-data-plane"),
                ids(survey(new FelixSettings(true, "Disabled", "denied", "1/second", "")), ENFORCE));
        assertEquals(
                List.of("log-rate-limited"),
                ids(survey(new FelixSettings(false, "Disabled", "calico-packet", "1/second", "")), ENFORCE));
    }

    @Test
    void topKnowsByItsNameThatCalicoLimitsTheRate() {
        assertEquals(
                List.of(Frame.RATE_LIMITED),
                ids(survey(new FelixSettings(false, "Disabled", "calico-packet", "1/second", "")), ENFORCE));
    }

    private static ClusterSurvey surveyOf(PolicyState state, FelixSettings dataPlane) {
        return new ClusterSurvey(
                "",
                Optional.of(ORIGIN),
                "",
                Optional.of(new CalicoPolicies(ORIGIN, state, List.of(), dataPlane, Map.of())),
                "",
                List.of(),
                List.of());
    }

    @Test
    void hostEndpointsThatCalicoDoesNotUseDoNotCountAndAreNamed() {
        HostEndpoint nowhere = new HostEndpoint("web", "", "eth0", Map.of(), List.of(), List.of());
        HostEndpoint nothing = new HostEndpoint("db", "n1", "", Map.of(), List.of(), List.of());
        PolicyState state = new PolicyState(List.of(), List.of(), List.of(), List.of(nowhere, nothing));
        Scope all = new Scope(Optional.empty(), false, POLICY, PREFIXES);

        for (Scope scope : List.of(all, new Scope(Optional.of("n1"), false, POLICY, PREFIXES))) {
            List<Finding> findings = ClusterFindings.of(surveyOf(state, FelixSettings.DEFAULT), scope);
            assertTrue(findings.stream().map(Finding::id).toList().contains("no-host-endpoint"), findings::toString);
            assertTrue(
                    findings.stream()
                            .anyMatch(finding -> finding.id().equals("host-endpoint-not-used")
                                    && finding.what()
                                            .equals("HostEndpoint web has no node, so Calico uses it nowhere")),
                    findings::toString);
        }
    }

    @Test
    void failsafePortsThatCannotBeReadAreNamed() {
        FelixSettings odd = new FelixSettings(
                false,
                "Disabled",
                "calico-packet",
                "",
                "",
                FailsafePorts.NONE,
                List.of("failsafeInboundHostPorts of FelixConfiguration: {\"protocol\":\"SCTP\"}"));

        assertEquals(List.of("failsafe-ports-unreadable"), ids(survey(odd), ENFORCE));
    }

    /** "Proven" may hold only because a set is empty now. */
    @Test
    void whatAProofDependsOnStandsWithIt() {
        Rule log = Rule.of(Action.LOG).from(EntityMatch.ANY.inNets(List.of(IpPrefix.parse("203.0.113.0/24"))));
        Rule trusted = Rule.of(Action.ALLOW).from(EntityMatch.ANY.selected("has(trusted)", "global()"));
        Policy deny = Policy.ingress(Stage.PRE_DNAT, "deny", 1, "all()", List.of(log, trusted, Rule.of(Action.DENY)));
        PolicyState state = new PolicyState(List.of(), List.of(deny), List.of(), List.of(endpoint("n1")));
        Scope counting = new Scope(Optional.of("n1"), false, POLICY, PREFIXES);

        Finding proven = ClusterFindings.of(surveyOf(state, FelixSettings.DEFAULT), counting).stream()
                .filter(finding -> finding.id().equals("logged-is-denied"))
                .findFirst()
                .orElseThrow();

        assertEquals(
                List.of("This holds for what the network sets contain now: deny ingress[1] selects no address."
                        + " (deny ingress[0])"),
                proven.caveats());
        assertTrue(proven.whole().contains("network sets"), proven.whole());
    }

    @Test
    void tellsWhatIsMissing() {
        assertEquals(List.of("cluster-unreachable"), ids(ClusterSurvey.unreachable("no answer"), ENFORCE));
        ClusterSurvey bare = new ClusterSurvey(
                "",
                Optional.empty(),
                "not there",
                Optional.empty(),
                ClusterSurvey.NOT_THERE,
                List.of(new ClusterLoadBalancer(
                        "shop", "web", List.of(), List.of(), List.of(), List.of(), List.of(), false)),
                List.of("list on nodes"));

        assertEquals(List.of("calico-not-ready", "permission-missing", "calico-missing"), ids(bare, ENFORCE));
        assertEquals(
                List.of("permission-missing", "calico-missing"),
                ids(bare, new Scope(Optional.of("n1"), false, POLICY, PREFIXES)));
        assertTrue(ClusterFindings.of(bare, ENFORCE).stream()
                .anyMatch(finding -> finding.id().equals("external-traffic-policy-cluster")
                        && finding.what().equals("1 Service: shop/web")));
    }

    @Test
    void eachWrongThingSaysWhyItMattersAndWhatToDo() {
        for (FindingKind id : FindingKind.values()) {
            Finding finding = id.found("x\u001b");
            boolean ok = finding.severity() == Severity.OK;
            assertEquals(ok, finding.why().isEmpty(), finding.id());
            assertEquals(ok, finding.remedy().isEmpty(), finding.id());
            assertEquals("x?", finding.what());
        }
    }
}
