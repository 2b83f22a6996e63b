package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.LogTrust;
import io.denywatch.blocklist.Preset;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.config.Settings;
import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Measure;
import io.denywatch.detection.RuleScope;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.Spans;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlocklistConfigurationTest {
    /** Reads the settings below {@code blocklist}. */
    private static Configuration.BlocklistSettings read(String yaml, String... others) {
        List<String> assignments = new ArrayList<>(List.of(others));
        assignments.add("blocklist=\n" + yaml);
        return configuration(assignments.toArray(String[]::new)).blocklist();
    }

    @Test
    void readsRulesOfTheWholeCluster() {
        List<DetectionRule> rules = read("""
                mode: dry-run
                rules:
                  - {name: alone, packets: 100 within 1m, scope: node}
                  - {name: everywhere, distinctNodes: 10 within 10m, scope: cluster}
                  - {name: sure, packets: 100 within 1h, scope: cluster, nodesMin: 5}
                """).rules();
        assertEquals(
                List.of(RuleScope.NODE, new RuleScope.ClusterScope(2), new RuleScope.ClusterScope(5)),
                rules.stream().map(DetectionRule::scope).toList());
        assertEquals(Measure.DISTINCT_NODES, rules.get(1).measure());
    }

    @Test
    void fiveRulesOfTheWholeClusterAreTooMany() {
        String rules = IntStream.range(0, 5)
                .mapToObj(i -> "{name: r" + i + ", packets: 9 within 1m, scope: cluster}")
                .collect(Collectors.joining(", ", "rules: [", "]"));
        CommandFailure failure = assertThrows(CommandFailure.class, () -> read(rules));
        assertEquals(
                "blocklist.rules: 5 rules with scope cluster are not allowed; allowed: at most 4",
                failure.getMessage());
    }

    @Test
    void agentsThatNeedALoginCannotAddUp() {
        String rules = "blocklist.rules=[{name: a, packets: 9 within 1m, scope: cluster}]";
        CommandFailure failure = assertThrows(
                CommandFailure.class,
                () -> configuration("blocklist.mode=dry-run", rules, "http.webConfig=/etc/web.yml"));
        assertTrue(String.valueOf(failure.getMessage()).contains("scope cluster is not allowed with http.webConfig"));
        assertFalse(configuration("blocklist.mode=off", rules, "http.webConfig=/etc/web.yml")
                .usesCluster());
        assertTrue(configuration("blocklist.mode=dry-run", rules).usesCluster());
    }

    @Test
    void readsTheBlocklist() {
        Configuration.BlocklistSettings blocklist = read("""
                mode: enforce
                rules:
                  - name: noisy
                    packets: 100 within 90s
                    protocols: [TCP, udp]
                    for: 10m
                    maxBan: 2d
                  - {name: scan, distinctPorts: 20 within 1m}
                  - {name: botnet, distinctSources: 20 within 10m, prefixLength: 22, for: 1h}
                  - {name: long, distinctLoadBalancers: 3 within 1h, for: 3d}
                neverBlock: ["preset:aws", 192.0.2.0/24, "preset:ibm-cloud"]
                mayBlock: [10.20.0.0/16, "fd00::/64"]
                resolvConf: /host/etc/resolv.conf
                requireTrustedLog: true
                entriesMax: 5
                newEntriesPerMinute: 6
                onePacketSourcesMax: 7
                subnetsMax: 8
                newSubnetsPerMinute: 9
                rememberFor: 12h
                policy: own-blocklist
                api: crd.projectcalico.org/v1
                liveExemptions: true
                countBlocked: true
                override: [policies-unreadable, log-may-not-be-denied]
                """, "source.kind=kmsg");

        Duration byDefault = Duration.ofMinutes(10);
        Duration day = Duration.ofDays(1);
        Set<Transport> all = EnumSet.allOf(Transport.class);
        assertEquals(
                new Configuration.BlocklistSettings(
                        BlocklistMode.ENFORCE,
                        List.of(
                                new DetectionRule(
                                        "noisy",
                                        Measure.PACKETS,
                                        100,
                                        90,
                                        EnumSet.of(Transport.TCP, Transport.UDP),
                                        Duration.ofMinutes(10),
                                        Duration.ofDays(2)),
                                new DetectionRule("scan", Measure.DISTINCT_PORTS, 20, 60, all, byDefault, day),
                                new DetectionRule(
                                        "botnet",
                                        Measure.DISTINCT_SOURCES,
                                        20,
                                        600,
                                        all,
                                        Duration.ofHours(1),
                                        day,
                                        new SubnetLengths(22, 56)),
                                new DetectionRule(
                                        "long",
                                        Measure.DISTINCT_LOAD_BALANCERS,
                                        3,
                                        3_600,
                                        all,
                                        Duration.ofDays(3),
                                        Duration.ofDays(3))),
                        new BlocklistLimits(5, 6, 7, 8, 9),
                        Duration.ofHours(12),
                        new Configuration.ExemptionSettings(
                                List.of(IpPrefix.parse("192.0.2.0/24")),
                                List.of(Preset.AWS, Preset.IBM_CLOUD),
                                List.of(IpPrefix.parse("10.20.0.0/16"), IpPrefix.parse("fd00::/64")),
                                Path.of("/host/etc/resolv.conf"),
                                true),
                        true,
                        "own-blocklist",
                        true,
                        List.of("policies-unreadable", "log-may-not-be-denied"),
                        true),
                blocklist);
    }

    @Test
    void aLogThatMustBeTrustedCannotBeOneThatIsNot() {
        String contradiction = "{mode: enforce, requireTrustedLog: true}";
        CommandFailure failure = assertThrows(CommandFailure.class, () -> read(contradiction));
        assertTrue(failure.line().contains("blocklist.requireTrustedLog: true is not allowed with"), failure.line());
        assertTrue(failure.line().contains("source.kind kmsg or auto"), failure.line());
        assertTrue(read("{mode: off, requireTrustedLog: true}").requireTrustedLog());
        for (String source : List.of("source.trusted=true", "source.kind=kmsg", "source.kind=auto")) {
            assertTrue(read(contradiction, source).requireTrustedLog());
        }
        assertFalse(read("{mode: enforce}").requireTrustedLog());
    }

    @Test
    void theKernelsOwnLogIsTrustedAndAFileWhereTheOperatorSaysSo() {
        for (String required : List.of("false", "true")) {
            LogTrust otherwise = required.equals("true") ? LogTrust.REFUSED : LogTrust.FORGEABLE;
            Configuration auto = configuration("blocklist.requireTrustedLog=" + required, "source.kind=auto");
            assertEquals(LogTrust.TRUSTED, auto.trust("kmsg"));
            assertEquals(otherwise, auto.trust("file"));
            assertEquals(otherwise, auto.trust(""), "not opened yet");
            Configuration trusted = configuration("blocklist.requireTrustedLog=" + required, "source.trusted=true");
            assertEquals(LogTrust.TRUSTED, trusted.trust("file"));
        }
    }

    private static Configuration configuration(String... assignments) {
        return ConfigurationReader.read(Settings.read(null, List.of(assignments)), new TestWorld().world());
    }

    @Test
    void blocksNobodyUnlessAsked() {
        assertEquals(BlocklistMode.OFF, read("{}").mode());
        assertFalse(read("{}").crdAllowed());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    blocklist.neverBlock           | [everyone]          | "everyone" is not an IP address
                    blocklist.neverBlock           | '["preset:oracle"]' | preset:oracle is not allowed; allowed: a list of CIDRs such as 192.0.2.0/24, and of preset:azure, preset:aws, preset:cloudflare, preset:gcp, preset:ibm-cloud
                    blocklist.neverBlock           | '["preset:"]'       | preset: is not allowed; allowed: a list of CIDRs
                    blocklist.neverBlock           | '["preset:AWS"]'    | preset:AWS is not allowed; allowed: a list of CIDRs
                    blocklist.mayBlock             | '["preset:aws"]'    | "preset:aws" is not an IP address
                    blocklist.mayBlock             | [10.0.0.1/8]        | has bits set after the prefix
                    blocklist.entriesMax           | 20001               | 20001 is not allowed
                    blocklist.rememberFor          | 366d                | "366d" is not allowed
                    blocklist.rememberFor          | 1w                  | "1w" is not allowed
                    blocklist.policy               | default.blocklist   | "default.blocklist" is not allowed
                    blocklist.policy               | Blocklist           | "Blocklist" is not allowed
                    blocklist.api                  | v1                  | "v1" is not allowed
                    blocklist.override             | [no-log-rule]       | "no-log-rule" is not allowed; allowed: a list of log-may-not-be-denied, log-surely-allowed, policies-not-finished, policies-unreadable
                    blocklist.override             | [7]                 | 7 is not allowed
                    blocklist.override             | policies-unreadable | "policies-unreadable" is not allowed
                    blocklist.rules                | []                  | 0 rules is not allowed
                    blocklist.rules                | [noisy]             | "noisy" is not allowed; allowed: exactly one of packets
                    blocklist.rules                | [{packets: 9 within 1m}] | a rule's name
                    blocklist.rules                | [{name: a}]         | {"name":"a"} is not allowed; allowed: exactly one of
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, distinctPorts: 9 within 1m}]' | exactly one of
                    blocklist.rules                | '[{name: a, packets: 9}]' | packets 9 is not allowed; allowed: "N within SPAN"
                    blocklist.rules                | '[{name: a, packets: 9 in 1m}]' | packets "9 in 1m" is not allowed
                    blocklist.rules                | '[{name: a, packets: 1 within 1m}]' | packets 1 is not allowed; allowed: 2 to 1000000
                    blocklist.rules                | '[{name: a, distinctPorts: 257 within 1m}]' | distinctPorts 257 is not allowed; allowed: 2 to 256
                    blocklist.rules                | '[{name: a, packets: 9 within 192h}]' | within 192h is not allowed; allowed: 1s to 7d
                    blocklist.rules                | '[{name: a, packets: 9 within 0s}]' | within 0s is not allowed; allowed: 1s to 7d
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, maxBan: 31d}]' | maxBan 31d is not allowed; allowed: 1m to 30d
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, for: 31d}]' | for 31d is not allowed; allowed: 1m to 30d
                    blocklist.rules                | '[{name: a b, packets: 9 within 1m}]' | name "a b" is not allowed
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, for: 30s}]' | for 30s is not allowed; allowed: 1m to 30d
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, for: 2h, maxBan: 1h}]' | for 2h is not allowed; allowed: 1m to 1h
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, for: long}]' | for "long" is not allowed; allowed: a number with
                    blocklist.rules                | '[{name: a, distinctSources: 1 within 1m}]' | distinctSources 1 is not allowed; allowed: 2 to 256
                    blocklist.rules                | '[{name: a, distinctSources: 9 within 1m, prefixLength: 19}]' | prefixLength 19 is not allowed; allowed: 20 to 31
                    blocklist.rules                | '[{name: a, distinctSources: 9 within 1m, prefixLength: 32}]' | prefixLength 32 is not allowed; allowed: 20 to 31
                    blocklist.rules                | '[{name: a, distinctSources: 9 within 1m, prefixLength: /24}]' | prefixLength "/24" is not allowed; allowed: 20 to 31
                    blocklist.rules                | '[{name: a, distinctSources: 9 within 1m, prefixLength6: 47}]' | prefixLength6 47 is not allowed; allowed: 48 to 63
                    blocklist.rules                | '[{name: a, distinctSources: 9 within 1m, prefixLength6: 64}]' | prefixLength6 64 is not allowed; allowed: 48 to 63
                    blocklist.rules                | '[{name: a, distinctSources: 9 within 1m, prefixLength: 30}]' | distinctSources 9 is not allowed with prefixLength 30 and prefixLength6 56; allowed: 2 to 4
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, prefixLength: 24}]' | prefixLength 24 is not allowed with packets; allowed: with distinctSources
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, protocols: [sctp]}]' | protocols "sctp" is not allowed; allowed: tcp, udp, icmp, other
                    blocklist.rules                | '[{name: a, packets: 9 within 1m, protocols: []}]' | protocols [] is not allowed
                    blocklist.rules                | '[{name: a, distinctNodes: 9 within 10m}]' | distinctNodes is not allowed with scope node; allowed: with scope cluster
                    blocklist.rules                | '[{name: a, packets: 9 within 10m, scope: galaxy}]' | scope "galaxy" is not allowed; allowed: node, cluster
                    blocklist.rules                | '[{name: a, packets: 9 within 30s, scope: cluster}]' | is not allowed; allowed: 60 to 3600
                    blocklist.rules                | '[{name: a, packets: 9 within 2h, scope: cluster}]' | is not allowed; allowed: 60 to 3600
                    blocklist.rules                | '[{name: a, packets: 9 within 10m, nodesMin: 3}]' | nodesMin 3 is not allowed; allowed: with scope cluster
                    blocklist.rules                | '[{name: a, packets: 9 within 10m, scope: cluster, nodesMin: 1}]' | nodesMin 1 is not allowed; allowed: 2 to 16
                    blocklist.rules                | '[{name: a, packets: 9 within 10m, scope: cluster, nodesMin: two}]' | nodesMin 0 is not allowed; allowed: 2 to 16
                    blocklist.rules                | '[{name: a, paket: 9 within 1m}]' | paket: unknown key of a rule; did you mean packets?
                    blocklist.rules                | '[{name: a, packets: 9 within 1m}, {name: a, packets: 8 within 1m}]' | a second rule named a
                    """)
    void refusesWrongValue(String key, String value, String problem) {
        CommandFailure failure = assertThrows(
                CommandFailure.class,
                () -> ConfigurationReader.read(
                        Settings.read(null, List.of(key + "=" + value)), new TestWorld().world()));

        assertEquals(CommandFailure.USAGE, failure.exitCode());
        assertTrue(failure.line().startsWith(key + ": "), failure.line());
        assertTrue(failure.line().contains(problem), failure.line());
    }

    @ParameterizedTest
    @CsvSource({"90s, PT90S", "10m, PT10M", "1h, PT1H", "7d, PT168H", "0s, PT0S"})
    void readsAndWritesSpans(String text, Duration span) {
        assertEquals(span, Spans.parse(text).orElseThrow());
        assertEquals(text, Spans.text(span));
    }

    @ParameterizedTest
    @CsvSource({"''", "1", "s", "-1s", "1.5h", "1w", "1h30m", "12345678s", "' 1s'"})
    void refusesWhatIsNoSpan(String text) {
        assertTrue(Spans.parse(text).isEmpty(), text);
    }
}
