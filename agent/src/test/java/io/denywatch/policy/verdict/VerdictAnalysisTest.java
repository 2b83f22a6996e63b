package io.denywatch.policy.verdict;

import static io.denywatch.policy.verdict.Verdict.MAY_NOT_BE_DENIED;
import static io.denywatch.policy.verdict.Verdict.SURELY_DENIED;
import static io.denywatch.policy.verdict.Verdict.SURELY_NOT_DENIED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Direction;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyLines;
import io.denywatch.policy.PolicyState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class VerdictAnalysisTest {
    /** A policy set, the verdict on all its Log rules together, and which rule decides it. */
    record Case(String reasoning, Verdict verdict, String decidedBy, List<String> policies) {
        @Override
        public String toString() {
            return reasoning;
        }
    }

    private static Case set(String reasoning, Verdict verdict, String decidedBy, String... policies) {
        return new Case(reasoning, verdict, decidedBy, List.of(policies));
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>(sameMatch());
        cases.addAll(union());
        cases.addAll(between());
        cases.addAll(stages());
        cases.addAll(names());
        cases.addAll(ends());
        return cases;
    }

    private static List<Case> sameMatch() {
        return List.of(
                set(
                        "the safe way: Deny right behind, same match, same policy",
                        SURELY_DENIED,
                        "deny-lb ingress[1]",
                        "deny-lb 800: Log tcp dst 203.0.113.7 port 80; Deny tcp dst 203.0.113.7 port 80"),
                set(
                        "the tutorial's log (300) and blocklist (500) have equal matches",
                        SURELY_DENIED,
                        "blocklist ingress[0]",
                        "log-denied-packets 300: Log tcp src 198.51.100.9 dst 203.0.113.7 port 80",
                        "blocklist 500: Deny tcp src 198.51.100.9 dst 203.0.113.7 port 80"),
                set(
                        "the tutorial's log (300) before the allowlist (500): the allowed client is logged and let in",
                        MAY_NOT_BE_DENIED,
                        "allowlist ingress[0]",
                        "log-denied-packets 300: Log tcp dst 203.0.113.7 port 80",
                        "allowlist 500: Allow tcp src 198.51.100.9 dst 203.0.113.7 port 80",
                        "deny-lb 800: Deny tcp dst 203.0.113.7 port 80"),
                set(
                        "the same with the log behind the allowlist: who is let in is gone by then",
                        SURELY_DENIED,
                        "deny-lb ingress[0]",
                        "allowlist 500: Allow tcp src 198.51.100.9 dst 203.0.113.7 port 80",
                        "log-denied-packets 700: Log tcp dst 203.0.113.7 port 80",
                        "deny-lb 800: Deny tcp dst 203.0.113.7 port 80"),
                set(
                        "an allowlist for another load balancer lets none of the logged in",
                        SURELY_DENIED,
                        "deny-lb ingress[0]",
                        "log 300: Log tcp dst 203.0.113.7 port 80",
                        "allowlist 500: Allow tcp src 198.51.100.9 dst 203.0.113.8 port 80",
                        "deny-lb 800: Deny tcp dst 203.0.113.7 port 80"),
                set(
                        "[Log, Allow], as some charts install it: every line is of a client that is let in",
                        SURELY_NOT_DENIED,
                        "iptables-tailer ingress[1]",
                        "filter iptables-tailer - on all(): Log tcp; Allow tcp"),
                set("[Log, Allow] before DNAT", SURELY_NOT_DENIED, "log ingress[1]", "log 300: Log; Allow"),
                set(
                        "a Log alone before DNAT: nothing denies, and the endpoint's profile accepts",
                        SURELY_NOT_DENIED,
                        "",
                        "log 300: Log tcp dst 203.0.113.7"),
                set(
                        "Deny before Log: no packet is left to be logged",
                        SURELY_DENIED,
                        "deny ingress[0]",
                        "deny 300: Deny tcp; Log tcp"),
                set(
                        "the Deny is for one port, the Log for all",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log tcp; Deny tcp port 80"),
                set(
                        "the Deny covers a wider net",
                        SURELY_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log tcp dst 203.0.113.7 port 80; Deny tcp dst 203.0.113.0/24"),
                set(
                        "the Deny covers a narrower net",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log tcp dst 203.0.113.0/24; Deny tcp dst 203.0.113.7"));
    }

    private static List<Case> union() {
        return List.of(
                set(
                        "Log and Deny for TCP and UDP each",
                        SURELY_DENIED,
                        "",
                        "deny 1100: Log tcp port 30000:32767; Log udp port 30000:32767;"
                                + " Deny tcp port 30000:32767; Deny udp port 30000:32767"),
                set(
                        "a Log without protocol logs ICMP, and TCP and UDP alone are denied",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log; Deny tcp; Deny udp"),
                set(
                        "TCP and what is not TCP is all there is",
                        SURELY_DENIED,
                        "deny ingress[2]",
                        "deny 300: Log; Deny tcp; Deny not tcp"),
                set(
                        "two halves of a net",
                        SURELY_DENIED,
                        "deny ingress[2]",
                        "deny 300: Log src 10.0.0.0/8; Deny src 10.0.0.0/9; Deny src 10.128.0.0/9"),
                set(
                        "two halves of a port range that leave one out",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log tcp port 10:20; Deny tcp port 10:14; Deny tcp port 16:20"),
                set("IPv4 and IPv6 by version", SURELY_DENIED, "deny ingress[2]", "deny 300: Log; Deny v4; Deny v6"),
                set("all of IPv4 is not all", MAY_NOT_BE_DENIED, "", "deny 300: Log; Deny src 0.0.0.0/0"),
                set(
                        "nets to leave out bind a rule to their IP version: IPv6 is not denied",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log; Deny notsrc 198.51.100.0/24; Deny src 198.51.100.0/24"),
                set(
                        "within IPv4 both together are all",
                        SURELY_DENIED,
                        "deny ingress[2]",
                        "deny 300: Log v4; Deny notsrc 198.51.100.0/24; Deny src 198.51.100.0/24"),
                set(
                        "leaving out everything matches nothing",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log v4; Deny notsrc 0.0.0.0/0; Deny tcp"));
    }

    private static List<Case> between() {
        return List.of(
                set(
                        "an Allow for another protocol in between",
                        SURELY_DENIED,
                        "deny ingress[2]",
                        "deny 300: Log tcp; Allow udp; Deny tcp"),
                set(
                        "an Allow for one of the ports in between",
                        MAY_NOT_BE_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log tcp port 1:100; Allow tcp port 80; Deny tcp"),
                set(
                        "the log leaves out what is allowed in between",
                        SURELY_DENIED,
                        "deny ingress[2]",
                        "deny 300: Log tcp notport 80; Allow tcp port 80; Deny tcp"),
                set(
                        "an Allow by selector may take anybody: who it selects is not known",
                        MAY_NOT_BE_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log tcp; Allow tcp from trusted=='true'; Deny tcp"),
                set(
                        "Log and Deny by the same selector in other words",
                        SURELY_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log set bad=='true'; Deny set bad==\"true\""),
                set(
                        "the Deny's selector selects more than the Log's",
                        SURELY_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log set bad=='true'&&has(x); Deny from has(bad)"),
                set(
                        "the Log's selector has no guard, the Deny's has, and no set is bad now",
                        SURELY_NOT_DENIED,
                        "",
                        "deny 300: Log from bad=='true'; Deny set bad=='true'"),
                set(
                        "what the selector does not select is denied, then what it selects",
                        SURELY_DENIED,
                        "deny ingress[2]",
                        "deny 300: Log; Deny notfrom has(bad); Deny from has(bad)"),
                set(
                        "the same unknown condition on both",
                        SURELY_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log icmp if type8; Deny icmp if type8"),
                set(
                        "an unknown condition on the Deny alone",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log icmp; Deny icmp if type8"),
                set(
                        "a named port on both, and a number that is denied as well",
                        SURELY_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log tcp port 80,web; Deny tcp port web,80,81"),
                set(
                        "a named port is not its number",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log tcp port web; Deny tcp port 80"),
                set(
                        "Pass in between goes on to the next tier, which denies",
                        SURELY_DENIED,
                        "second ingress[0]",
                        "first 300 tier=first: Log tcp; Pass tcp",
                        "second 300: Deny tcp"),
                set(
                        "Pass in between skips the Deny of its own tier",
                        MAY_NOT_BE_DENIED,
                        "",
                        "first 300: Log tcp; Pass tcp port 80; Deny tcp"),
                set(
                        "tiers come before orders: the Allow takes all before it is logged",
                        SURELY_DENIED,
                        "allow ingress[0]",
                        "log 900: Log tcp port 80",
                        "allow 999 tier=first: Allow tcp"),
                set("equal orders go by name", SURELY_DENIED, "b ingress[0]", "b 300: Deny tcp", "a 300: Log tcp"),
                set("no order comes last", SURELY_DENIED, "a ingress[0]", "a -: Deny tcp", "b 300: Log tcp"),
                set(
                        "a Deny that applies to other endpoints denies nothing here",
                        SURELY_NOT_DENIED,
                        "",
                        "log 300: Log tcp",
                        "deny 400 on role == 'private': Deny tcp"),
                set(
                        "an Allow that applies to other endpoints lets nothing in here",
                        SURELY_DENIED,
                        "deny ingress[0]",
                        "log 300: Log tcp",
                        "allow 350 on role == 'private': Allow",
                        "deny 400 on has(role): Deny tcp"));
    }

    private static List<Case> stages() {
        return List.of(
                set(
                        "a raw Deny comes first whatever its order: what is logged before DNAT is other packets",
                        SURELY_DENIED,
                        "deny ingress[0]",
                        "raw block 9999: Deny src 198.51.100.0/24",
                        "log 1: Log tcp src 192.0.2.1",
                        "deny 2: Deny tcp"),
                set(
                        "what raw logs and only a policy before DNAT denies: established connections go on",
                        MAY_NOT_BE_DENIED,
                        "",
                        "raw log 1: Log tcp",
                        "deny 2: Deny tcp"),
                set("Log and Deny in one raw policy", SURELY_DENIED, "x ingress[1]", "raw x 1: Log tcp; Deny tcp"),
                set(
                        "what filters behind DNAT may deny, or not: destinations differ there",
                        MAY_NOT_BE_DENIED,
                        "",
                        "log 300: Log tcp port 80",
                        "filter deny 400: Deny tcp port 80"),
                set(
                        "Log and Deny behind DNAT in one policy",
                        SURELY_DENIED,
                        "x ingress[1]",
                        "filter x 300: Log tcp; Deny tcp"),
                set(
                        "behind DNAT the policy may select pods, where others may come between",
                        MAY_NOT_BE_DENIED,
                        "",
                        "filter x 300: Log tcp",
                        "filter y 400: Deny tcp"),
                set(
                        "a policy that Calico refuses for its ports may be missing",
                        MAY_NOT_BE_DENIED,
                        "",
                        "log 300: Log tcp port 80",
                        "deny 400: Deny port 80"));
    }

    private static List<Case> names() {
        return List.of(
                set(
                        "equal orders, one name a part of the other: web comes first before Calico 3.32, web-in since",
                        MAY_NOT_BE_DENIED,
                        "web-in ingress[0]",
                        "log 400: Log tcp",
                        "web 500: Deny tcp",
                        "web-in 500: Allow tcp port 80"),
                set(
                        "equal orders: before Calico 3.32, names of the default tier all had its name in front",
                        MAY_NOT_BE_DENIED,
                        "default.z ingress[0]",
                        "log 400: Log tcp",
                        "e 500: Deny tcp",
                        "default.z 500: Allow tcp port 80"),
                set(
                        "equal orders: since Calico 3.32, names that are older have the default tier in front, others not",
                        MAY_NOT_BE_DENIED,
                        "a ingress[0]",
                        "c 500: Log tcp",
                        "a 500: Allow tcp port 80",
                        "e 500: Deny tcp"),
                set(
                        "names decide nothing where orders differ",
                        SURELY_DENIED,
                        "web ingress[0]",
                        "log 400: Log tcp",
                        "web 500: Deny tcp",
                        "web-in 501: Allow tcp port 80"),
                set(
                        "an address of two sets: one is bad, by the other it is let in",
                        MAY_NOT_BE_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log set has(bad); Allow from has(partner) notfrom has(bad); Deny"),
                set(
                        "who is bad is denied by any of its sets, before partners are let in",
                        SURELY_DENIED,
                        "deny ingress[1]",
                        "deny 300: Log set has(bad); Deny set has(bad); Allow from has(partner) notfrom has(bad)"),
                set(
                        "global() says something in a namespaceSelector only",
                        MAY_NOT_BE_DENIED,
                        "",
                        "deny 300: Log; Deny from global(); Allow"),
                set(
                        "a policy with port 0 is missing for Felix",
                        MAY_NOT_BE_DENIED,
                        "",
                        "log 300: Log tcp",
                        "deny 400: Deny tcp port 0:65535"));
    }

    private static List<Case> ends() {
        String host = " on role == 'public' && !has(projectcalico.org/namespace): ";
        return List.of(
                set(
                        "a policy that only logs, behind DNAT: the end of its tier drops all, also what is forwarded",
                        SURELY_DENIED,
                        "null",
                        "filter log 300" + host + "Log tcp"),
                set(
                        "the same in a tier that passes at its end",
                        MAY_NOT_BE_DENIED,
                        "",
                        "filter log 300 tier=open" + host + "Log tcp"),
                set(
                        "Pass in the last tier leaves it to the endpoint's profile",
                        MAY_NOT_BE_DENIED,
                        "null",
                        "filter x 300" + host + "Log tcp; Pass"),
                set(
                        "Pass out of one tier, and the next drops at its end what its policy does not decide",
                        SURELY_DENIED,
                        "",
                        "filter x 300 tier=first" + host + "Log tcp; Pass tcp",
                        "filter y 300" + host + "Allow udp"),
                set(
                        "before DNAT no tier drops at its end",
                        SURELY_NOT_DENIED,
                        "null",
                        "log 300 tier=first: Log tcp; Pass"),
                set(
                        "the tutorial in full, with the log where it stands: before the one who is let in",
                        MAY_NOT_BE_DENIED,
                        "allowlist ingress[0]",
                        "log 300: Log tcp dst 203.0.113.7 port 80",
                        "allowlist 500: Allow tcp src 198.51.100.9 dst 203.0.113.7 port 80",
                        "deny-lb 800: Deny tcp dst 203.0.113.7 port 80; Deny udp dst 203.0.113.7 port 80",
                        "deny-nodeports 1100: Deny tcp port 30000:32767; Deny udp port 30000:32767"),
                set(
                        "the tutorial in full, with the log behind the allowlist",
                        SURELY_DENIED,
                        "",
                        "allowlist 500: Allow tcp src 198.51.100.9 dst 203.0.113.7 port 80",
                        "log 790: Log tcp dst 203.0.113.7 port 80; Log tcp port 30000:32767",
                        "deny-lb 800: Deny tcp dst 203.0.113.7 port 80; Deny udp dst 203.0.113.7 port 80",
                        "deny-nodeports 1100: Deny tcp port 30000:32767; Deny udp port 30000:32767"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void knowsWhatIsProven(Case example) {
        VerdictAnalysis analysis =
                VerdictAnalysis.of(PolicyLines.state(example.policies.toArray(String[]::new)), PolicyLines.NODE);
        assertTrue(!analysis.verdicts().isEmpty());
        for (LogVerdict verdict : analysis.verdicts()) {
            assertEquals(example.verdict, verdict.verdict(), verdict.toString());
            if (!example.decidedBy.isEmpty()) {
                assertEquals(example.decidedBy, String.valueOf(verdict.decidedBy()), verdict.why());
            }
            assertTrue(verdict.why().endsWith("."), verdict.why());
            assertEquals(1, verdict.hostEndpoints().size());
        }
    }

    @Test
    void usesWhatGuardedSetsHoldAndSaysSo() {
        String policy = "deny 300: Log tcp src 203.0.113.0/24; Allow tcp set has(trusted); Deny tcp";
        NetworkSet elsewhere = trusted("10.0.0.0/8");
        LogVerdict proven = only(PolicyLines.state(List.of(elsewhere), policy));
        assertEquals(SURELY_DENIED, proven.verdict());
        assertEquals(List.of("This holds for what the network sets contain now."), proven.caveats());

        assertEquals(
                List.of("This holds for what the network sets contain now: deny ingress[1] selects no address."),
                only(PolicyLines.state(List.of(), policy)).caveats());

        NetworkSet among = trusted("203.0.113.9/32");
        assertEquals(
                MAY_NOT_BE_DENIED,
                only(PolicyLines.state(List.of(among), policy)).verdict());

        String unguarded = policy.replace("set has", "from has");
        assertEquals(
                MAY_NOT_BE_DENIED,
                only(PolicyLines.state(List.of(elsewhere), unguarded)).verdict(),
                "pods with the label may be anywhere");
    }

    @Test
    void doesNotCallItDeniedThatAnEmptySetLogsNothing() {
        String policy = "deny 300: Log tcp set has(trusted)";
        PolicyState state = PolicyLines.state(List.of(), policy, "filter other 1: Allow");
        assertEquals(MAY_NOT_BE_DENIED, only(state).verdict());
    }

    @Test
    void provesWithoutAnyEndpointOnlyWhatSelectorsImply() {
        PolicyState some = PolicyLines.state(
                "log 300 on role == 'edge' && zone == 'a': Log tcp", "deny 400 on role == 'edge': Deny tcp");
        LogVerdict verdict = only(some);
        assertEquals(SURELY_DENIED, verdict.verdict());
        assertEquals(List.of(), verdict.hostEndpoints());
        assertEquals(
                List.of("The policy applies to no host endpoint of this node, so nothing is logged here."),
                verdict.caveats());
        assertEquals(
                MAY_NOT_BE_DENIED,
                only(PolicyLines.state(
                                "log 300 on role == 'edge': Log tcp",
                                "deny 400 on role == 'edge' && zone == 'a': Deny tcp"))
                        .verdict());
        assertEquals(
                MAY_NOT_BE_DENIED,
                only(PolicyLines.state(
                                "log 300 on role == 'edge': Log tcp",
                                "allow 350 on zone == 'a': Allow",
                                "deny 400 on role == 'edge': Deny tcp"))
                        .verdict());
    }

    @Test
    void holdsForEachEndpointOrNotAtAll() {
        PolicyState state = new PolicyState(
                List.of(),
                PolicyLines.policies("log 300 on has(role): Log tcp", "deny 400 on role == 'a': Deny tcp"),
                List.of(),
                List.of(
                        PolicyLines.endpoint("one", Map.of("role", "a")),
                        PolicyLines.endpoint("two", Map.of("role", "b"))));
        LogVerdict verdict = only(state);
        assertEquals(MAY_NOT_BE_DENIED, verdict.verdict());
        assertTrue(verdict.why().contains("host endpoint two"), verdict.why());
        assertEquals(2, verdict.hostEndpoints().size());
    }

    @Test
    void looksAtTheEndpointsOfItsNodeOnly() {
        PolicyState state = PolicyLines.state("log 300: Log tcp; Deny tcp");
        assertEquals(
                List.of(),
                VerdictAnalysis.of(state, "worker-2").verdicts().getFirst().hostEndpoints());
    }

    @Test
    void rawPoliciesDoNotApplyToAllInterfacesAtOnce() {
        HostEndpoint all = new HostEndpoint(
                "auto",
                PolicyLines.NODE,
                "*",
                Map.of("role", "public"),
                List.of(),
                List.of(HostEndpoint.DEFAULT_ALLOW));
        PolicyState state =
                new PolicyState(List.of(), PolicyLines.policies("raw x 1: Log tcp; Deny tcp"), List.of(), List.of(all));
        assertEquals(List.of(), only(state).hostEndpoints());
    }

    /** At host endpoints, to which no policy of namespaces or service accounts applies. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "'' ~ '' ~ all() ~ SURELY_NOT_DENIED",
                "all() ~ '' ~ '' ~ SURELY_DENIED",
                "all() ~ '' ~ all() ~ SURELY_NOT_DENIED",
                "'' ~ all() ~ '' ~ SURELY_NOT_DENIED",
                "all() ~ team != 'a' ~ '' ~ SURELY_NOT_DENIED",
                "has(role) ~ team != 'a' ~ '' ~ SURELY_DENIED",
                "'' ~ global() ~ '' ~ SURELY_DENIED",
            })
    void knowsWhomPoliciesOfNamespacesAndServiceAccountsDeny(
            String selector, String namespaceSelector, String serviceAccountSelector, Verdict verdict) {
        Policy log = PolicyLines.policy("log 300: Log tcp");
        Policy allow = PolicyLines.policy("p 500: Allow");
        Policy deny = PolicyLines.policy("deny 400: Deny tcp");
        Policy ofPods = new Policy(
                deny.name(),
                null,
                deny.tier(),
                deny.order(),
                selector,
                namespaceSelector,
                serviceAccountSelector,
                deny.types(),
                false,
                true,
                true,
                deny.ingress(),
                List.of(),
                List.of(),
                deny.name());
        PolicyState plain = PolicyLines.state();
        PolicyState state =
                new PolicyState(plain.tiers(), List.of(log, ofPods, allow), List.of(), plain.hostEndpoints());
        assertEquals(verdict, only(state).verdict());
    }

    @Test
    void doesNotCountOnAPolicyThatAsksWhatIsNotUnderstood() {
        Policy deny = PolicyLines.policy("deny 400: Deny tcp");
        Policy strange = new Policy(
                deny.name(),
                null,
                deny.tier(),
                deny.order(),
                deny.selector(),
                "",
                "",
                deny.types(),
                false,
                true,
                true,
                deny.ingress(),
                List.of(),
                List.of(Oddity.UNKNOWN_FIELD.at("weekdays: [Monday]")),
                deny.name());
        PolicyState plain = PolicyLines.state("log 300: Log tcp");
        PolicyState state = new PolicyState(
                plain.tiers(), List.of(plain.policies().getFirst(), strange), List.of(), plain.hostEndpoints());
        assertEquals(MAY_NOT_BE_DENIED, only(state).verdict());
    }

    @Test
    void aNamespacesRuleTakesItsOwnEndpointsOnlyAlsoWhereItSaysWhichNot() {
        Policy shop = new Policy(
                "shop",
                "shop",
                "default",
                1,
                "",
                "",
                "",
                Set.of(Direction.INGRESS),
                false,
                false,
                false,
                List.of(
                        PolicyLines.rule("Log"),
                        PolicyLines.rule("Deny notfrom has(a)"),
                        PolicyLines.rule("Deny from has(a) in all()"),
                        PolicyLines.rule("Deny from has(a) in global()")),
                List.of(),
                List.of(),
                "shop");
        PolicyState state = new PolicyState(List.of(), List.of(shop), List.of(), List.of());
        assertEquals(MAY_NOT_BE_DENIED, only(state).verdict());
    }

    @Test
    void labelsThatAnEndpointMayHaveFromItsProfilesAreTakenForEither() {
        List<Policy> policies = PolicyLines.policies(
                "log 300 on has(role): Log tcp", "allow 350 on has(trusted): Allow", "deny 400 on has(role): Deny tcp");
        HostEndpoint known = PolicyLines.endpoint("eth0", Map.of("role", "a"));
        HostEndpoint open =
                new HostEndpoint("eth0", PolicyLines.NODE, "eth0", Map.of("role", "a"), List.of(), List.of("edge"));
        assertEquals(
                SURELY_DENIED,
                only(new PolicyState(List.of(), policies, List.of(), List.of(known)))
                        .verdict());
        assertEquals(
                MAY_NOT_BE_DENIED,
                only(new PolicyState(List.of(), policies, List.of(), List.of(open)))
                        .verdict());
        assertEquals(
                SURELY_DENIED,
                only(new PolicyState(
                                List.of(),
                                PolicyLines.policies(
                                        "log 300 on has(role): Log tcp",
                                        "allow 350 on role == 'b': Allow",
                                        "deny 400 on role == 'a': Deny tcp"),
                                List.of(),
                                List.of(open)))
                        .verdict(),
                "its own labels win");
    }

    @Test
    void aNodeWithoutHostEndpointsMayHaveAnotherNameForCalico() {
        String host = " on role == 'public' && !has(projectcalico.org/namespace): ";
        PolicyState state = PolicyLines.state("filter log 300" + host + "Log tcp; Allow tcp");
        assertEquals(
                SURELY_NOT_DENIED,
                VerdictAnalysis.of(state, "worker-1.example")
                        .verdicts()
                        .getFirst()
                        .verdict());
    }

    @Test
    void staysSoundWhereTheBoxesBecomeTooMany() {
        StringBuilder rules = new StringBuilder("x 1: Log tcp");
        for (int i = 0; i < 14; i++) {
            rules.append("; Deny tcp src 10.")
                    .append(i)
                    .append(".0.0/16 dst 192.0.2.")
                    .append(i)
                    .append(" if c")
                    .append(i);
        }
        assertEquals(
                MAY_NOT_BE_DENIED, only(PolicyLines.state(rules.toString())).verdict());
        assertEquals(
                SURELY_DENIED, only(PolicyLines.state(rules + "; Deny tcp")).verdict());
    }

    private static LogVerdict only(PolicyState state) {
        List<LogVerdict> verdicts = VerdictAnalysis.of(state, PolicyLines.NODE).verdicts();
        assertEquals(1, verdicts.size());
        return verdicts.getFirst();
    }

    private static NetworkSet trusted(String net) {
        return new NetworkSet("trusted", Map.of("trusted", "true"), List.of(IpPrefix.parse(net)));
    }
}
