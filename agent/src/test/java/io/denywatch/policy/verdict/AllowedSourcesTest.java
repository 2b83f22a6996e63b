package io.denywatch.policy.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyLines;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowedSourcesTest {
    private static final String BLOCKLIST = "blocklist 200: Deny set denywatch.io/blocklist=='true'";

    private static final List<NetworkSet> SETS = List.of(
            set("friends", Map.of("role", "friend"), "198.51.100.0/24", "192.0.2.7/32"),
            set("wide", Map.of("role", "wide"), "0.0.0.0/0"),
            set("others", Map.of("role", "foe"), "203.0.113.0/24"),
            set("denywatch-0-n1", Map.of("role", "friend", "denywatch.io/blocklist", "true"), "203.0.113.66/32"));

    private static final List<NetworkSet> NAMESPACED = List.of(
            set("partners", Map.of("role", "friend", "projectcalico.org/namespace", "shop"), "2001:db8:7::/48"));

    private static NetworkSet set(String name, Map<String, String> labels, String... nets) {
        return new NetworkSet(name, labels, blocks(nets));
    }

    private static List<IpPrefix> blocks(String... texts) {
        return Stream.of(texts).map(IpPrefix::parse).toList();
    }

    private static AllowedSources of(String... lines) {
        return AllowedSources.of(PolicyLines.state(SETS, lines), NAMESPACED);
    }

    private static String told(AllowedSources allowed) {
        return allowed.sources().entrySet().stream()
                .map(source -> source.getKey() + " " + source.getValue())
                .collect(Collectors.joining(", "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            vip 500: Allow src 198.51.100.0/24                             ~ 198.51.100.0/24 vip ingress[0]
            vip 500: Log; Allow tcp src 192.0.2.1 port 443                 ~ 192.0.2.1/32 vip ingress[1]
            vip 500: Allow src 192.0.2.0/30 notsrc 192.0.2.1               ~ 192.0.2.0/32 vip ingress[0], 192.0.2.2/31 vip ingress[0]
            vip 500: Allow src 192.0.2.0/30 if source.domains=[a]          ~ 192.0.2.0/30 vip ingress[0]
            vip 500: Allow set role=='friend'                              ~ 198.51.100.0/24 vip ingress[0], 192.0.2.7/32 vip ingress[0]
            vip 500: Allow from role=='friend'                             ~ 198.51.100.0/24 vip ingress[0], 192.0.2.7/32 vip ingress[0], 2001:db8:7::/48 vip ingress[0]
            vip 500: Allow from role=='friend' in team=='a'                ~ 2001:db8:7::/48 vip ingress[0]
            vip 500: Allow from role=='friend' in all()                    ~ 2001:db8:7::/48 vip ingress[0]
            vip 500: Allow set role=='friend' src 198.51.0.0/16,0.0.0.0/0  ~ 198.51.100.0/24 vip ingress[0], 192.0.2.7/32 vip ingress[0]
            vip 500: Allow set role=='friend' src 198.51.100.128/25        ~ 198.51.100.128/25 vip ingress[0]
            vip 500: Allow set role=='friend' notsrc 192.0.2.0/24          ~ 198.51.100.0/24 vip ingress[0]
            filter ssh 900: Allow tcp src 192.0.2.9 port 22                ~ 192.0.2.9/32 ssh ingress[0]
            vip 200: Allow src 192.0.2.9                                   ~ 192.0.2.9/32 vip ingress[0]
            vip 50 tier=open: Allow src 192.0.2.9                          ~ ''
            vip 500: Allow src 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16     ~ 10.0.0.0/8 vip ingress[0], 172.16.0.0/12 vip ingress[0], 192.168.0.0/16 vip ingress[0]
            vip 500: Allow tcp port 443                                    ~ ''
            vip 500: Allow src 0.0.0.0/0,::/0                              ~ ''
            vip 500: Allow src 0.0.0.0/0 notsrc 203.0.113.0/24             ~ ''
            vip 500: Allow notsrc 203.0.113.0/24                           ~ ''
            vip 500: Allow notfrom role=='foe'                             ~ ''
            vip 500: Allow set role=='wide'                                ~ ''
            vip 500: Allow set role=='nobody'                              ~ ''
            vip 500: Allow set denywatch.io/blocklist=='true'              ~ ''
            vip 100: Allow src 192.0.2.9                                   ~ ''
            vip 100: Allow src 192.0.2.9; Deny port 80                     ~ 192.0.2.9/32 vip ingress[0]
            raw vip 900: Allow src 192.0.2.9                               ~ ''
            vip 500: Deny src 192.0.2.9                                    ~ ''
            vip 500: Pass src 192.0.2.9                                    ~ ''
            vip 500 on role == 'pods': Allow src 192.0.2.9                 ~ ''
            """)
    void namesWhomARuleLetsInThatTheBlocklistWouldDeny(String policy, String expected) {
        AllowedSources allowed = of(BLOCKLIST, policy);
        assertEquals(expected, told(allowed));
        assertEquals(List.of(), allowed.unknown());
        assertTrue(allowed.afterBlocklist());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            vip 500: Allow src 192.0.0.0/7                   ~ its source 192.0.0.0/7 is too wide to be exempt ~ ''
            vip 500: Allow src 2000::/3,2001:db8::/32        ~ its source 2000::/3 is too wide to be exempt    ~ 2001:db8::/32 vip ingress[0]
            vip 500: Allow src 1.0.0.0/8,3.0.0.0/8,5.0.0.0/8,7.0.0.0/8,9.9.9.9/32 ~ its IPv4 sources together have too many addresses to be exempt ~ ''
            vip 500: Allow if source.domains=[example.org]   ~ it is not known which sources "source.domains=[example.org]" means     ~ ''
            vip 500: Allow from =                            ~ its source selector cannot be read                         ~ ''
            """)
    void saysWhichSourcesAreNotExempt(String policy, String why, String expected) {
        AllowedSources allowed = of(BLOCKLIST, policy);
        assertEquals(expected, told(allowed));
        assertEquals(
                List.of("vip ingress[0]: " + why),
                allowed.unknown().stream()
                        .map(each -> each.rule() + ": " + each.why())
                        .toList());
    }

    @Test
    void aRuleIsBehindTheBlocklistUnlessItIsBeforeAllThatDeniesIt() {
        String early = "early 100: Deny set denywatch.io/blocklist=='true'";
        assertEquals("192.0.2.9/32 vip ingress[0]", told(of(BLOCKLIST, early, "vip 150: Allow src 192.0.2.9")));
        assertEquals("192.0.2.9/32 vip ingress[0]", told(of("vip 150: Allow src 192.0.2.9"))); // it may come yet
        assertEquals(
                "192.0.2.9/32 vip ingress[0]",
                told(of("raw " + BLOCKLIST, "vip 150: Allow src 192.0.2.9"))); // before tracking
    }

    @Test
    void thereIsALimitToAllOfThemAndItIsTold() {
        NetworkSet many = new NetworkSet(
                "many",
                Map.of("role", "many"),
                IntStream.range(0, AllowedSources.SOURCES_MAX + 5)
                        .mapToObj(i -> IpPrefix.of(Ip.ofIpv4(0xcb00_0000 + i)))
                        .toList());
        AllowedSources allowed = AllowedSources.of(
                PolicyLines.state(List.of(many), BLOCKLIST, "vip 500: Allow set role=='many'"), List.of());
        assertEquals(AllowedSources.SOURCES_MAX, allowed.sources().size());
        assertEquals(
                List.of("all rules together name more than 20000 blocks"),
                allowed.unknown().stream().map(AllowedSources.Unknown::why).toList());
    }

    @Test
    void looksAtSourcesOnceAndNoFurtherThanItsStepsGo() {
        List<IpPrefix> nets = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            nets.add(IpPrefix.of(Ip.ofIpv4(0x3300_0000 + i)));
        }
        NetworkSet set = new NetworkSet("partners", Map.of("partner", "yes"), nets);
        List<String> lines = new ArrayList<>();
        lines.add(BLOCKLIST);
        for (int i = 0; i < 50; i++) {
            lines.add("vip" + i + " 500: Allow tcp set has(partner) port " + (1 + i));
        }
        PolicyState state = PolicyLines.state(List.of(set), lines.toArray(String[]::new));
        AllowedSources all = AllowedSources.of(state, List.of(), new Steps(2_500));
        assertEquals(1_000, all.sources().size());
        assertEquals(List.of(), all.unknown());

        AllowedSources stopped = AllowedSources.of(state, List.of(), new Steps(500));
        assertEquals(Map.of(), stopped.sources());
        assertEquals(50, stopped.unknown().size());
        assertTrue(stopped.unknown().getFirst().why().contains("take too long"));
    }

    /** Whoever is let in by a rule with narrow nets, behind the blocklist, is exempt: with another reader of the rule. */
    @Test
    void exemptsExactlyWhomRandomRulesLetIn() {
        for (int seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<IpPrefix> nets = some(random, 1 + random.nextInt(4), 10);
            List<IpPrefix> notNets = some(random, random.nextInt(4), 14);
            Rule rule = Rule.of(Action.ALLOW).from(EntityMatch.ANY.inNets(nets).notInNets(notNets));
            PolicyState state = PolicyLines.state(BLOCKLIST);
            List<Policy> policies = new ArrayList<>(state.policies());
            policies.add(Policy.ingress(Stage.PRE_DNAT, "vip", 500, "role == 'public'", List.of(rule)));
            AllowedSources allowed = AllowedSources.of(
                    new PolicyState(state.tiers(), policies, List.of(), state.hostEndpoints()), List.of());
            assertEquals(List.of(), allowed.unknown(), "seed " + seed);
            for (int i = 0; i < 200; i++) {
                IpPrefix source = IpPrefix.of(address(random));
                boolean letIn = nets.stream().anyMatch(source::overlaps)
                        && notNets.stream().noneMatch(source::overlaps);
                boolean exempt = allowed.sources().keySet().stream().anyMatch(source::overlaps);
                assertEquals(letIn, exempt, "seed " + seed + ", " + source + ", " + nets + " without " + notNets);
            }
        }
    }

    /** Of one /8, so that blocks are often met. */
    private static Ip address(SplittableRandom random) {
        return Ip.ofIpv4(0x3300_0000 | (random.nextInt(1 << 24) & 0x00ff_f003));
    }

    private static List<IpPrefix> some(SplittableRandom random, int count, int bitsMin) {
        return Stream.generate(() -> {
                    int length = 96 + bitsMin + random.nextInt(33 - bitsMin);
                    Ip address = address(random);
                    return new IpPrefix(new Ip(0, address.low() & IpPrefix.lowMask(length)), length);
                })
                .limit(count)
                .toList();
    }
}
