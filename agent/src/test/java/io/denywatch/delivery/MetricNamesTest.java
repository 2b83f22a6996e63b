package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.delivery.Delivered.Query;
import io.denywatch.denial.Transport;
import io.denywatch.doctor.FindingKind;
import io.denywatch.doctor.Severity;
import io.denywatch.exposition.MetricFamily;
import io.denywatch.exposition.MetricType;
import io.denywatch.packet.Malformation;
import io.denywatch.packet.Suppressor;
import io.denywatch.tail.TailSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Rules, their tests, dashboards and runbooks name only metrics, labels and values that the agent has. */
class MetricNamesTest {
    /** A metric of the agent, with its selector if it has one; colons are for recorded ones. */
    private static final Pattern RAW = Pattern.compile("(?<![\\w:])(denywatch_\\w+)(?![\\w:])(?:\\{([^}]*)})?");

    private static final Pattern RECORDED = Pattern.compile("\\w+:denywatch_\\w+:\\w+");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");
    private static final Pattern GROUPING = Pattern.compile("\\b(?:by|on|ignoring|without)\\s*\\(([\\w\\s,]*)\\)");

    /** What Prometheus, or its Operator, adds to each series of a target, in place of a label of ours of that name. */
    private static final Set<String> OF_TARGETS =
            Set.of("job", "instance", "cluster", "node", "namespace", "service", "pod", "container", "endpoint");

    /** Those of them that recorded series keep. */
    private static final Set<String> RECORDED_OF_TARGETS = Set.of("cluster", "node");

    private static final Set<String> HISTOGRAM_SUFFIXES = Set.of("", "_bucket", "_sum", "_count");

    /** Labels of which all values are known; what is not here may be anything. */
    private static final Map<String, Set<String>> VALUES = Map.ofEntries(
            Map.entry("denywatch_promotions_total outcome", labels(DetectionOutcome.values(), DetectionOutcome::label)),
            Map.entry("denywatch_blocklist_info mode", labels(BlocklistMode.values(), BlocklistMode::label)),
            Map.entry("denywatch_malformed_lines_total reason", labels(Malformation.values(), Malformation::label)),
            Map.entry("denywatch_log_suppressed_lines_total reporter", labels(Suppressor.values(), Suppressor::label)),
            Map.entry(
                    "denywatch_log_gaps_total reason",
                    Set.copyOf(noTail().gaps().keySet())),
            Map.entry(
                    "denywatch_log_read_errors_total reason",
                    Set.copyOf(noTail().readErrors().keySet())),
            Map.entry("denywatch_denied_packets_total protocol", labels(Transport.values(), Transport::label)),
            Map.entry("denywatch_denied_bytes_total protocol", labels(Transport.values(), Transport::label)),
            Map.entry(
                    "denywatch_log_lines_total result",
                    Set.of("packet", "response", "other", "malformed", "unrecognized", "oversized")),
            Map.entry("denywatch_log_rotations_total kind", Set.of("renamed", "truncated")),
            Map.entry("denywatch_sources_evicted_total reason", Set.of("capacity", "idle")),
            Map.entry("denywatch_source_info kind", Set.of("file", "kmsg")),
            Map.entry("denywatch_findings severity", labels(Severity.values(), Severity::label)));

    private static TailSnapshot noTail() {
        return TailSnapshot.unopened("");
    }

    private static <T> Set<String> labels(T[] values, Function<T, String> label) {
        return Arrays.stream(values).map(label).collect(Collectors.toSet());
    }

    private static Optional<MetricFamily> family(String name) {
        return Arrays.stream(MetricFamily.values())
                .filter(family -> family.type() == MetricType.HISTOGRAM
                        ? HISTOGRAM_SUFFIXES.stream().anyMatch(suffix -> name.equals(family.metricName() + suffix))
                        : name.equals(family.metricName()))
                .findFirst();
    }

    private static Set<String> recorded() {
        return Delivered.rules().stream()
                .map(rule -> rule.path("record").asString(""))
                .collect(Collectors.toSet());
    }

    /** What is wrong with a mention of a metric. */
    private static List<String> wrong(MatchResult mention) {
        String name = mention.group(1);
        MetricFamily family = family(name).orElse(null);
        if (family == null) {
            return List.of("no metric " + name);
        }
        List<String> found = new ArrayList<>();
        String selector = mention.group(2) == null ? "" : mention.group(2);
        MATCHER.matcher(selector).results().forEach(matcher -> {
            String label = matcher.group(1);
            boolean ofHistogram = family.type() == MetricType.HISTOGRAM && label.equals("le");
            if (!family.labelNames().contains(label) && !OF_TARGETS.contains(label) && !ofHistogram) {
                found.add("no label " + label + " of " + name);
            }
            Set<String> allowed = VALUES.getOrDefault(name + " " + label, Set.of());
            for (String value : allowed.isEmpty() ? List.<String>of() : alternatives(matcher)) {
                boolean variable = value.contains("$") || value.contains("%");
                if (!variable && allowed.stream().noneMatch(known -> Pattern.matches(value, known))) {
                    found.add(name + " has no " + label + " " + value + "; allowed: " + allowed);
                }
            }
        });
        return found;
    }

    private static List<String> alternatives(MatchResult matcher) {
        boolean expression = matcher.group(2).contains("~");
        return expression ? List.of(matcher.group(3).split("\\|", -1)) : List.of(Pattern.quote(matcher.group(3)));
    }

    private static List<String> inAll(Function<String, Stream<String>> wrong) {
        return Delivered.queries().stream()
                .flatMap(query -> wrong.apply(query.text()).map(what -> query.where() + ": " + what))
                .distinct()
                .toList();
    }

    @Test
    void metricsExistWithTheirLabelsAndValues() {
        assertEquals(
                List.of(),
                inAll(text ->
                        RAW.matcher(text).results().map(MetricNamesTest::wrong).flatMap(Collection::stream)));
    }

    @Test
    void recordedNamesAreRecorded() {
        Set<String> recorded = recorded();

        assertEquals(
                List.of(),
                inAll(text -> RECORDED.matcher(text)
                        .results()
                        .map(MatchResult::group)
                        .filter(name -> !recorded.contains(name))));
    }

    @Test
    void seriesAreGroupedByLabelsThatExist() {
        Set<String> known = Stream.of(
                        Arrays.stream(MetricFamily.values()).flatMap(family -> family.labelNames().stream()),
                        OF_TARGETS.stream(),
                        Stream.of("le", "", "alertname", "area", "id", "state", "gc", "cause", "action", "__name__"))
                .flatMap(labels -> labels)
                .collect(Collectors.toSet());

        assertEquals(
                List.of(),
                inAll(text -> GROUPING.matcher(text)
                        .results()
                        .flatMap(match -> Stream.of(match.group(1).split(",", -1)))
                        .map(String::strip)
                        .filter(label -> !known.contains(label))));
    }

    /** A label of ours would be renamed to {@code exported_...} on scraping, and the target's would take its place. */
    @Test
    void noLabelIsOneThatScrapingSets() {
        assertEquals(
                List.of(),
                Arrays.stream(MetricFamily.values())
                        .flatMap(family -> family.labelNames().stream()
                                .filter(OF_TARGETS::contains)
                                .map(label -> family.metricName() + " " + label))
                        .toList());
    }

    @Test
    void recordedSeriesKeepOnlyClusterAndNodeOfTheirTargets() {
        for (JsonNode rule : Delivered.rules()) {
            String expression = rule.path("expr").asString();
            if (rule.has("record") && RAW.matcher(expression).find()) {
                List<String> kept = GROUPING.matcher(expression)
                        .results()
                        .flatMap(match -> Stream.of(match.group(1).split(",", -1)))
                        .map(String::strip)
                        .filter(OF_TARGETS::contains)
                        .filter(label -> !RECORDED_OF_TARGETS.contains(label))
                        .toList();

                assertEquals(List.of(), kept, rule::toString);
                assertTrue(
                        expression.strip().matches("(?s)((clamp_min|1 -) ?\\(\\s*)?(sum|max|min|avg|count|topk) by .*"),
                        expression);
            }
        }
    }

    /** Another job of the same Prometheus may have metrics of that name, such as a second installation's. */
    @Test
    void rulesAskForTheAgentsJobAlone() {
        List<String> asking = Delivered.rules().stream()
                .flatMap(rule -> RAW.matcher(rule.path("expr").asString()).results())
                .map(MatchResult::group)
                .toList();

        assertTrue(asking.size() > 40, asking::toString);
        assertEquals(
                List.of(),
                asking.stream()
                        .filter(text -> !text.contains("{job=\"denywatch\""))
                        .toList());
    }

    @Test
    void findingsThatWithholdBlockingAreAllAlertedOn() {
        String expression = Delivered.alert("DenywatchBlockingWithheld")
                .orElseThrow()
                .path("expr")
                .asString();

        assertTrue(
                expression.contains("id=~\""
                        + FindingKind.WITHHOLDING_BLOCKING.stream().sorted().collect(Collectors.joining("|"))
                        + "\""),
                expression);
    }

    @Test
    void whatDoesNotExistIsFound() {
        Query query =
                new Query("here", "denywatch_no_such + denywatch_promotions_total{rules=\"a\",outcome=~\"limit|no\"}");

        assertEquals(
                List.of(
                        "no metric denywatch_no_such",
                        "no label rules of denywatch_promotions_total",
                        "denywatch_promotions_total has no outcome no"),
                RAW.matcher(query.text())
                        .results()
                        .flatMap(mention -> wrong(mention).stream())
                        .map(what -> what.replaceFirst(";.*", ""))
                        .toList());
    }
}
