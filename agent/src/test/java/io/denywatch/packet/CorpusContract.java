package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Lines that other programs wrote, with what their own tests say about them. */
interface CorpusContract extends ParserContract {
    String KERNEL_BSD = "linux-6.18/syslog-bsd.log";
    String KERNEL_RFC3339 = "linux-6.18/syslog-rfc3339.log";
    String RARE = "synthetic-rare-forms.log";
    String CALICO = "tigera-docs/calico-log-rules.log";
    String CALICO_DROP = "tigera-docs/calico-enterprise-drop.log";
    String CALICO_EBPF = "tigera-docs/calico-ebpf-trace.NEGATIVE.log";
    String CROWDSEC = "crowdsec-hub/iptables-logs.log";
    String MOZNION = "moznion-go-iptables-logs-parser/parser_test.log";
    String LNAV = "lnav/unifi.log";
    List<String> FILES =
            List.of(KERNEL_BSD, KERNEL_RFC3339, RARE, CALICO, CALICO_DROP, CALICO_EBPF, CROWDSEC, MOZNION, LNAV);

    /** The lines of a file under {@code corpus/}. */
    static List<String> lines(String file) {
        try (InputStream stream = CorpusContract.class.getResourceAsStream("/corpus/" + file)) {
            if (stream == null) {
                throw new AssertionError("no corpus " + file);
            }
            return new String(stream.readAllBytes(), ISO_8859_1).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(file, e);
        }
    }

    /** The lines of all log files. */
    static List<String> all() {
        return FILES.stream().flatMap(file -> lines(file).stream()).toList();
    }

    @Test
    default void countsTheLinesOfEachFile() {
        Map<String, String> byPrefix = new LinkedHashMap<>();
        byPrefix.put(KERNEL_BSD, "{other=5, packet=98}");
        byPrefix.put(KERNEL_RFC3339, "{other=5, packet=98}");
        byPrefix.put(RARE, "{malformed truncated=1, packet=14, response-icmp-err=1, response-rst=1}");
        byPrefix.put(CALICO, "{packet=3}");
        byPrefix.put(CALICO_DROP, "{packet=1}");
        byPrefix.put(CALICO_EBPF, "{other=3}");
        byPrefix.put(CROWDSEC, "{other=4}");
        byPrefix.put(MOZNION, "{other=5}");
        byPrefix.put(LNAV, "{other=12}");
        Map<String, String> any = new LinkedHashMap<>(byPrefix);
        any.put(CROWDSEC, "{other=1, packet=3}");
        any.put(MOZNION, "{malformed unexpected_field=1, packet=4}");
        any.put(LNAV, "{other=7, packet=5}");
        byPrefix.forEach((file, counts) -> assertEquals(counts, counts(file, Mode.DEFAULT), file));
        any.forEach((file, counts) -> assertEquals(counts, counts(file, Mode.ANY), file));
    }

    private String counts(String file, Mode mode) {
        Map<String, Integer> counts = new TreeMap<>();
        for (String line : lines(file)) {
            Result result = parse(line, mode);
            String reason = result.reason() == null ? "" : " " + result.reason().label();
            counts.merge(result.kind().label() + reason, 1, Integer::sum);
        }
        return counts.toString();
    }

    @Test
    default void readsTheSamePacketsFromBothOfRsyslogsFormats() {
        assertEquals(withoutTime(KERNEL_BSD), withoutTime(KERNEL_RFC3339));
    }

    private List<Result> withoutTime(String file) {
        List<Result> results = new ArrayList<>();
        for (String line : lines(file)) {
            Result result = parse(line, Mode.DEFAULT);
            result.fields().remove("time");
            results.add(result);
        }
        return results;
    }

    @Test
    default void agreesWithCrowdsecsAssertions() {
        Pattern assertion = Pattern.compile(
                "results\\[\"s01-parse\"\\]\\[\"crowdsecurity/iptables-logs\"\\]\\[(\\d)\\]\\.Evt\\.Parsed\\[\"(\\w+)\"\\] == \"(.*)\"");
        Map<String, String> names = Map.of(
                "int_eth",
                "in",
                "src_ip",
                "src",
                "dst_ip",
                "dst",
                "src_port",
                "spt",
                "dst_port",
                "dpt",
                "proto",
                "proto");
        int asserted = 0;
        for (String line : lines("crowdsec-hub/iptables-logs--parser.assert")) {
            Matcher matcher = assertion.matcher(line);
            if (matcher.matches() && names.containsKey(matcher.group(2))) {
                Result result = parse(lines(CROWDSEC).get(Integer.parseInt(matcher.group(1))), Mode.ANY);
                String field = names.get(matcher.group(2));
                assertEquals(matcher.group(3), String.valueOf(result.fields().get(field)), line);
                asserted++;
            }
        }
        assertEquals(3 * names.size(), asserted);
    }

    @Test
    default void agreesWithMoznionsExpectations() {
        Map<String, String> names = Map.ofEntries(
                Map.entry("Hostname", "host"),
                Map.entry("Prefix", "prefix"),
                Map.entry("InputInterface", "in"),
                Map.entry("OutputInterface", "out"),
                Map.entry("MACAddress", "mac"),
                Map.entry("Source", "src"),
                Map.entry("Destination", "dst"),
                Map.entry("Length", "len"),
                Map.entry("ToS", "tos"),
                Map.entry("Precedence", "prec"),
                Map.entry("TTL", "ttl"),
                Map.entry("ID", "id"),
                Map.entry("CongestionExperienced", "ce"),
                Map.entry("DoNotFragment", "df"),
                Map.entry("MoreFragmentsFollowing", "mf"),
                Map.entry("Protocol", "proto"),
                Map.entry("Type", "icmpType"),
                Map.entry("Code", "icmpCode"),
                Map.entry("SourcePort", "spt"),
                Map.entry("DestinationPort", "dpt"),
                Map.entry("WindowSize", "window"));
        int packets = 0;
        for (String json : lines("moznion-go-iptables-logs-parser/expected.jsonl")) {
            JsonNode node = new ObjectMapper().readTree(json);
            Result result = parse(node.get("line").asString(), Mode.ANY);
            if (result.kind() != LineKind.PACKET) {
                continue; // counted in countsTheLinesOfEachFile: FRAG=123, which no kernel prints
            }
            packets++;
            names.forEach((theirs, ours) -> {
                String expected = node.get("expected").get(theirs).asString();
                // They have zero values where we have no field.
                String absent = expected.matches("[0-9]+") ? "0" : expected.matches("true|false") ? "false" : "";
                assertEquals(
                        expected, String.valueOf(result.fields().getOrDefault(ours, absent)), theirs + " of " + json);
            });
        }
        assertEquals(4, packets);
    }

    @Test
    default void agreesWithSefineksInstants() {
        Pattern stamp = Pattern.compile("^(" + ReferenceTime.RFC3339 + "|" + ReferenceTime.BSD + ") .*");
        int stamps = 0;
        for (String line : lines("sefinek-ufw-log-parser/timestamps.tsv")) {
            Matcher matcher = stamp.matcher(line);
            if (matcher.matches()) {
                String expected = line.substring(line.indexOf('\t') + 1);
                Result result = parse(matcher.group(1) + " n1 kernel: calico-packet: " + BODY, Mode.DEFAULT);
                Instant time = (Instant) result.fields().getOrDefault("time", Instant.EPOCH);
                assertEquals(Instant.parse(expected), time.truncatedTo(ChronoUnit.MILLIS), line);
                stamps++;
            }
        }
        assertEquals(5, stamps);
    }

    @Test
    default void tellsTheSyntheticLinesApart() {
        List<Result> results =
                lines(RARE).stream().map(line -> parse(line, Mode.DEFAULT)).toList();
        assertFields(Map.of("prefix", "calico-packet", "dpt", 443L), results.get(0));
        assertFields(Map.of("prefix", "calico-packet np default/allo", "mf", true, "mark", 0x10000L), results.get(1));
        assertFields(Map.of("frag", 185L, "proto", "UDP"), results.get(2));
        assertFields(Map.of("frag", 185L, "mark", 0x10000L), results.get(3));
        assertFields(Map.of("frag", 0L, "mf", true, "id", 0x0a1b2c3dL, "udpLen", 3008L), results.get(4));
        assertFields(Map.of("frag", 1448L, "proto", "UDP"), results.get(5));
        assertFalse(results.get(6).fields().containsKey("proto"));
        assertFields(Map.of("src", "2001:db8::1", "proto", "ICMPv6", "icmpType", 2L), results.get(7));
        assertFields(Map.of("flags", List.of("AE", "CWR", "ECE", "SYN")), results.get(9));
        assertFields(Map.of("incomplete", 8L, "mark", 0x10000L), results.get(11));
        assertFields(Map.of("len", 185_052L), results.get(12));
        assertFields(Map.of("spt", 8066L, "prefix", "calico-response-rst:"), results.get(14));
        assertTrue(results.get(15).fields().containsKey("inner"));
        assertFields(Map.of("repeat", 3L, "dst", "2001:db8::2"), results.get(16));
    }
}
