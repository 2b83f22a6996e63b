package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyLines;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Rule;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyFindingsTest {
    private static final String BLOCKLIST = "blocklist 200: Deny set denywatch.io/blocklist=='true'";
    private static final String SAFE_LOG = "deny-lb 800: Log tcp dst 203.0.113.7; Deny tcp dst 203.0.113.7";

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            log 300: Log tcp; Deny tcp port 80                  ~ log-may-not-be-denied                 ~ log ingress[0]
            log 300: Log tcp; Allow tcp                         ~ log-surely-allowed                    ~ log ingress[0]
            log 300 on role == 'none': Log tcp; Deny tcp        ~ log-without-host-endpoint             ~ log
            raw log 300 on role == 'none': Log tcp; Deny tcp    ~ log-without-host-endpoint             ~ log
            block 100: Allow from denywatch.io/blocklist=='true' ~ blocklist-policy-not-deny            ~ block ingress[0]
            block 100: Deny from denywatch.io/blocklist=='true' ~ blocklist-policy-without-global-guard ~ block ingress[0]
            block 100: Deny from has(denywatch.io/blocklist)    ~ blocklist-policy-without-global-guard ~ block ingress[0]
            web 100: Allow tcp port 80                          ~ blocklist-policy-after-allow          ~ web ingress[0]
            raw web 900: Allow tcp port 80                      ~ blocklist-policy-after-allow          ~ web ingress[0]
            friends 100: Allow src 198.51.100.0/24              ~ allowlist-beats-blocklist             ~ friends ingress[0]
            friends 500: Allow src 198.51.100.0/24              ~ blocklist-beats-allowlist             ~ friends ingress[0]
            x 300: Deny port 80                                 ~ validation-would-drop-policy          ~ x
            x 300: Deny icmp port 80                            ~ validation-would-drop-policy          ~ x
            x 300: Deny udplite port 80                         ~ validation-would-drop-policy          ~ x
            x 300: Deny 0                                       ~ validation-would-drop-policy          ~ x
            x 300: Deny tcp port 0                              ~ validation-would-drop-policy          ~ x
            x 300: Deny tcp port 30000-32767                    ~ validation-would-drop-policy          ~ x
            x 300: Deny tcp not udp                             ~ felix-stops                           ~ x
            x 300: Deny src 10.0.0.0/8,2001:db8::/32            ~ refused-by-calicoctl                  ~ x
            x 300: Deny v6 src 10.0.0.0/8                       ~ refused-by-calicoctl                  ~ x
            x 300: Deny from =                                  ~ validation-would-drop-policy          ~ x
            x 300 on global(): Deny                             ~ refused-by-calicoctl                  ~ x
            """)
    void namesTheOneThingThatIsWrong(String policy, String id, String subject) {
        List<Finding> found = findings(BLOCKLIST, policy);
        assertEquals(List.of(id + " " + subject), told(found), found.toString());
    }

    @Test
    void findsNothingWhereAllIsWell() {
        assertEquals(List.of(), findings(BLOCKLIST, SAFE_LOG));
    }

    @Test
    void tellsThatNoPolicyBlocksOnlyWhereOneIsNeeded() {
        VerdictAnalysis analysis = VerdictAnalysis.of(PolicyLines.state(SAFE_LOG), PolicyLines.NODE);
        assertEquals(
                List.of("blocklist-policy-missing denywatch.io/blocklist == 'true'"),
                told(PolicyFindings.of(analysis, true)));
        assertEquals(List.of(), PolicyFindings.of(analysis, false));
    }

    @Test
    void tellsWhyABlocklistPolicyIsNotInForce() {
        String deny = ": Deny set denywatch.io/blocklist == 'true'".replace(" == ", "==");
        for (String[] example : new String[][] {
            {
                "raw block 100 on role == 'none'" + deny,
                "; block ingress[0] does nothing here. Its selector \"role == 'none'\" selects no host endpoint."
            },
            {
                "block 100 on role == 'none'" + deny,
                "; block ingress[0] does nothing here. Its selector \"role == 'none'\" selects no host endpoint."
            },
            {"block 100" + deny + " port 80", ": Felix may not apply the policy of block ingress[0] as it is."}
        }) {
            VerdictAnalysis analysis = VerdictAnalysis.of(PolicyLines.state(example[0], SAFE_LOG), PolicyLines.NODE);
            assertTrue(
                    PolicyFindings.of(analysis, true).stream()
                            .filter(finding -> finding.kind() == FindingKind.BLOCKLIST_POLICY_MISSING)
                            .anyMatch(finding -> finding.what().contains(example[1])),
                    example[0]);
        }
    }

    @Test
    void aBlocklistPolicyForOtherEndpointsBlocksNothingHere() {
        assertEquals(
                List.of("blocklist-policy-missing denywatch.io/blocklist == 'true'"),
                told(findings(BLOCKLIST.replace("200:", "200 on role == 'none':"))));
    }

    @Test
    void aPolicyBehindDnatThatOnlyLogsCutsOff() {
        Set<String> ids = told(findings(BLOCKLIST, "filter log 300: Log tcp")).stream()
                .map(text -> text.substring(0, text.indexOf(' ')))
                .collect(Collectors.toSet());
        assertEquals(Set.of("log-only-policy-blocks", "log-may-not-be-denied"), ids);
        assertTrue(findings(BLOCKLIST, "filter log 300 tier=open: Log tcp").stream()
                .noneMatch(finding -> finding.kind() == FindingKind.LOG_ONLY_POLICY_BLOCKS));
    }

    @Test
    void whatOnlyCalicoctlRefusesIsNamedAndInForce() {
        Policy bad = new Policy(
                "bad",
                null,
                "default",
                1,
                "role == 'public'",
                "",
                "",
                Set.of(Direction.INGRESS, Direction.EGRESS),
                true,
                true,
                false,
                PolicyLines.policy(SAFE_LOG).ingress(),
                List.of(Rule.of(Action.DENY)),
                List.of(),
                "bad");
        PolicyState plain = PolicyLines.state();
        PolicyState state = new PolicyState(List.of(), List.of(bad), List.of(), plain.hostEndpoints());
        VerdictAnalysis analysis = VerdictAnalysis.of(state, PolicyLines.NODE);
        assertEquals(Verdict.SURELY_DENIED, analysis.verdicts().getFirst().verdict());
        assertEquals(
                List.of(
                        "It has preDNAT and doNotTrack: ",
                        "It has preDNAT and egress: ",
                        "It has preDNAT without applyOnForward: "),
                PolicyFindings.of(analysis, false).stream()
                        .filter(finding -> finding.kind() == FindingKind.REFUSED_BY_CALICOCTL)
                        .map(finding ->
                                finding.what().substring(subject(finding).length() + 2))
                        .map(what -> what.substring(0, what.indexOf(':') + 2))
                        .toList());
    }

    /** Ports that are open whatever policies say, where no forwarded traffic and no pods are meant. */
    @ParameterizedTest
    @CsvSource(delimiter = '~', nullValues = "-", textBlock = """
            log 300: Log tcp port 22; Deny tcp port 22             ~ log ingress[0], log ingress[1]
            log 300: Log tcp port 22,6443                          ~ log ingress[0]
            log 300: Log tcp port 22:23; Deny tcp port 22:23       ~ -
            log 300: Deny udp port 22                              ~ -
            log 300: Allow tcp port 22                             ~ -
            raw log 300: Deny tcp port 22                          ~ log ingress[0]
            raw log 300: Deny udp sport 53                         ~ log ingress[0]
            log 300: Deny udp sport 53                             ~ -
            filter log 300: Deny tcp port 22                       ~ -
            log 300 on role == 'none': Deny tcp port 22            ~ -
            """)
    void aRuleForFailsafePortsAloneIsNamed(String policy, String rules) {
        PolicyState state = PolicyLines.state(policy).keepingOpen(FailsafePorts.DEFAULT, Map.of());
        VerdictAnalysis analysis = VerdictAnalysis.of(state, PolicyLines.NODE);
        List<Finding> found = PolicyFindings.of(analysis, false);
        assertEquals(
                rules == null ? "" : rules,
                found.stream()
                        .filter(finding -> finding.kind() == FindingKind.RULE_FOR_FAILSAFE_PORTS)
                        .map(PolicyFindingsTest::subject)
                        .collect(Collectors.joining(", ")));
        assertTrue(
                rules == null
                        || found.stream().noneMatch(finding -> FindingKind.WITHHOLDING_BLOCKING.contains(finding.id())),
                found.toString());
    }

    @Test
    void failsafePortsAreLeftOutOfTheProofAndThatIsSaid() {
        PolicyState plain = PolicyLines.state("log 300: Log tcp; Allow tcp port 22; Deny tcp");
        PolicyState open = plain.keepingOpen(FailsafePorts.DEFAULT, Map.of());
        PolicyState closedHere = plain.keepingOpen(FailsafePorts.DEFAULT, Map.of(PolicyLines.NODE, FailsafePorts.NONE));
        LogVerdict proven =
                VerdictAnalysis.of(open, PolicyLines.NODE).verdicts().getFirst();
        assertEquals(Verdict.SURELY_DENIED, proven.verdict());
        assertTrue(
                proven.caveats()
                        .getFirst()
                        .startsWith(
                                "Failsafe ports (TCP 22, 179, 2379, 2380, 5473, 6443, 6666, 6667; UDP 68) are left out"),
                proven.caveats()::toString);
        LogVerdict other =
                VerdictAnalysis.of(closedHere, PolicyLines.NODE).verdicts().getFirst();
        assertEquals(Verdict.MAY_NOT_BE_DENIED, other.verdict());
        assertEquals(List.of(), other.caveats());
    }

    @Test
    void eachPairOfLogRulesThatSeesAPacketIsNamedOnce() {
        PolicyState state = new PolicyState(
                List.of(),
                PolicyLines.policies("a 1: Log tcp port 80", "b 2: Log tcp port 1:100; Log udp", "c 3: Deny"),
                List.of(),
                List.of(
                        PolicyLines.endpoint("one", Map.of("role", "public")),
                        PolicyLines.endpoint("two", Map.of("role", "public"))));
        assertEquals(
                List.of("several-log-rules-see-same-packet a ingress[0]"),
                told(PolicyFindings.of(VerdictAnalysis.of(state, PolicyLines.NODE), false)));
    }

    @Test
    void blockingRefusesOnWhatMayBanInnocents() {
        Set<FindingKind> refusing = EnumSet.noneOf(FindingKind.class);
        for (FindingKind kind : FindingKind.values()) {
            if (FindingKind.WITHHOLDING_BLOCKING.contains(kind.id())) {
                assertTrue(kind.id().matches("[a-z]+(-[a-z]+)+"), kind.id());
                refusing.add(kind);
            }
        }
        assertEquals(
                EnumSet.of(
                        FindingKind.LOG_MAY_NOT_BE_DENIED,
                        FindingKind.LOG_SURELY_ALLOWED,
                        FindingKind.POLICIES_NOT_FINISHED,
                        FindingKind.POLICIES_UNREADABLE),
                refusing);
    }

    private static List<Finding> findings(String... policies) {
        return PolicyFindings.of(VerdictAnalysis.of(PolicyLines.state(policies), PolicyLines.NODE), true);
    }

    private static List<String> told(List<Finding> findings) {
        return findings.stream()
                .map(finding -> finding.id() + " " + subject(finding))
                .toList();
    }

    /** The policy or rule that a finding is about. */
    static String subject(Finding finding) {
        return finding.what().substring(0, finding.what().indexOf(": "));
    }
}
