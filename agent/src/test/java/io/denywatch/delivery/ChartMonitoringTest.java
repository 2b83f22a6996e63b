package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.delivery.Chart.Rendered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the chart brings for Prometheus and Grafana. */
class ChartMonitoringTest {
    private static final Path DASHBOARDS = Path.of("..", "dashboards");

    /** kubectl apply keeps a second copy in an annotation, which may have no more. */
    private static final int CONFIG_MAP_BYTES_MAX = 262_144;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void scrapesBecomeTheJobAndNodeThatRulesAndDashboardsAskFor() {
        JsonNode monitor = Chart.render("{nameOverride: other, podMonitor: {enabled: true}}")
                .only("PodMonitor");
        JsonNode endpoint = monitor.at("/spec/podMetricsEndpoints/0");

        assertEquals(
                Chart.yaml(
                        "[{targetLabel: job, replacement: denywatch}, {sourceLabels: [__meta_kubernetes_pod_node_name],"
                                + " targetLabel: node}]"),
                endpoint.get("relabelings"));
        assertEquals("metrics", endpoint.path("port").asString());
        assertEquals(
                Chart.render("nameOverride: other").only("DaemonSet").at("/spec/selector/matchLabels"),
                monitor.at("/spec/selector/matchLabels"));
        assertFalse(endpoint.has("interval"));
    }

    @Test
    void rulesAreTheRepositorys() {
        JsonNode rule = Chart.render("prometheusRule: {enabled: true}").only("PrometheusRule");

        assertEquals(
                Chart.yaml(DASHBOARDS.resolve("rules/denywatch.rules.yaml")).get("groups"),
                withoutNamespace(rule.at("/spec/groups")));
    }

    /** The agents' namespace, which only the chart knows. */
    private static JsonNode withoutNamespace(JsonNode groups) {
        for (JsonNode group : groups) {
            for (JsonNode rule : group.get("rules")) {
                if (rule.has("alert")) {
                    JsonNode namespace = ((ObjectNode) rule.get("labels")).remove("namespace");
                    assertEquals("watch", namespace.asString(), rule::toString);
                }
            }
        }
        return groups;
    }

    private static JsonNode alert(String values, String name) {
        return Chart.render("{prometheusRule: {enabled: true" + values)
                .only("PrometheusRule")
                .at("/spec/groups")
                .valueStream()
                .flatMap(group -> group.get("rules").valueStream())
                .filter(rule -> rule.path("alert").asString("").equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name));
    }

    /** Each number is where the rules have it: one that is nowhere would change nothing. */
    @Test
    void eachThresholdChangesItsAlertAndNoOther() {
        List<String> changed = new ArrayList<>();
        JsonNode before = Chart.render("prometheusRule: {enabled: true}")
                .only("PrometheusRule")
                .at("/spec/groups");
        JsonNode thresholds = Chart.yaml(Chart.DIRECTORY.resolve("values.yaml")).at("/prometheusRule/thresholds");
        for (String name : thresholds.propertyNames()) {
            JsonNode after = Chart.render("{prometheusRule: {enabled: true, thresholds: {" + name + ": 12345678}}}")
                    .only("PrometheusRule")
                    .at("/spec/groups");
            List<String> alerts = new ArrayList<>();
            for (int group = 0; group < before.size(); group++) {
                JsonNode rules = before.get(group).get("rules");
                for (int rule = 0; rule < rules.size(); rule++) {
                    JsonNode now = after.get(group).get("rules").get(rule);
                    if (!now.equals(rules.get(rule))) {
                        alerts.add(now.get("alert").asString());
                        assertTrue(now.get("expr").asString().contains("12345678"), now::toString);
                    }
                }
            }
            changed.add(name + " " + String.join(" ", new TreeSet<>(alerts)));
        }

        assertEquals(
                List.of(
                        "deniedPacketsPerSecond DenywatchDeniedPacketsSurge",
                        "deniedPacketsTimesUsual DenywatchDeniedPacketsSurge",
                        "lowDeniedPacketsPerSecond DenywatchDeniedPacketsSurge",
                        "lowDeniedPacketsTimesUsual DenywatchDeniedPacketsSurge",
                        "deniedSources DenywatchDeniedSourcesSurge",
                        "deniedSourcesTimesUsual DenywatchDeniedSourcesSurge",
                        "logSilentSeconds DenywatchLogSilent",
                        "unreadBytes DenywatchLogBehind",
                        "sourcesBlockedInTenMinutes DenywatchMassBlock"),
                changed);
    }

    /** A number that is given where another was is not taken for that. */
    @Test
    void thresholdsMayBeExchanged() {
        String expression = alert(
                        ", thresholds: {deniedPacketsPerSecond: 5, deniedPacketsTimesUsual: 20,"
                                + " lowDeniedPacketsPerSecond: 50, lowDeniedPacketsTimesUsual: 5}}}",
                        "DenywatchDeniedPacketsSurge")
                .get("expr")
                .asString();
        String usual = alert("}}", "DenywatchDeniedPacketsSurge").get("expr").asString();

        assertEquals(
                usual.replace("rate5m > 50\n", "A")
                        .replace("rate5m > 5\n", "rate5m > 50\n")
                        .replace("A", "rate5m > 5\n")
                        .replace(" 5 * ", " B ")
                        .replace(" 20 * ", " 5 * ")
                        .replace(" B ", " 20 * "),
                expression);
        assertFalse(usual.equals(expression));
    }

    /** The numbers that an expression compares with are thresholds, but for those that make it what it is. */
    @Test
    void noNumberOfAnAlertAboutTrafficIsLeftOut() {
        StringBuilder thresholds = new StringBuilder();
        for (String name : Chart.yaml(Chart.DIRECTORY.resolve("values.yaml"))
                .at("/prometheusRule/thresholds")
                .propertyNames()) {
            thresholds.append(thresholds.isEmpty() ? "" : ", ").append(name).append(": 12345678");
        }
        for (String name : List.of("DenywatchDeniedPacketsSurge", "DenywatchDeniedSourcesSurge")) {
            String expression = alert(", thresholds: {" + thresholds + "}}}", name)
                    .get("expr")
                    .asString();

            assertEquals(
                    List.of("12345678"),
                    Pattern.compile("(?<![\\w:])[0-9]+(?![\\w:])")
                            .matcher(expression)
                            .results()
                            .map(MatchResult::group)
                            .distinct()
                            .toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"20000, 16000", "60000, 48000", "1000, 800"})
    void theAlertBeforeTheLimitOfSamplesKnowsTheLimit(int limit, int warning) {
        JsonNode alert = alert("}, podMonitor: {sampleLimit: " + limit + "}}", "DenywatchSeriesNearLimit");

        assertTrue(alert.get("expr").asString().strip().endsWith("> " + warning), alert::toString);
        assertTrue(alert.at("/annotations/description").asString().contains("above " + limit + " "), alert::toString);
    }

    @Test
    void withoutALimitOfSamplesThereIsNoAlertBeforeIt() {
        assertThrows(AssertionError.class, () -> alert("}, podMonitor: {sampleLimit: 0}}", "DenywatchSeriesNearLimit"));
    }

    @Test
    void singleAlertsAreTuned() {
        JsonNode alert = alert(
                ", for: {DenywatchAgentDown: 1h}, severities: {DenywatchAgentDown: info}, alertLabels: {namespace: ''},"
                        + " alertAnnotations: {team: net}}}",
                "DenywatchAgentDown");

        assertEquals("1h", alert.get("for").asString());
        assertEquals(Chart.yaml("{severity: info}"), alert.get("labels"));
        assertEquals("net", alert.at("/annotations/team").asString());
        assertThrows(IllegalStateException.class, () -> alert(", for: {DenywatchNone: 1h}}}", "DenywatchAgentDown"));
    }

    @Test
    void oneValueLetsPrometheusSelectBoth() {
        Rendered rendered =
                Chart.render("{prometheusRelease: kps, podMonitor: {enabled: true, labels: {a: b}, annotations: {c: d},"
                        + " apiVersion: azmonitoring.coreos.com/v1, jobLabel: x}, prometheusRule: {enabled: true}}");

        for (String kind : List.of("PodMonitor", "PrometheusRule")) {
            assertEquals(
                    "kps", rendered.only(kind).at("/metadata/labels/release").asString());
        }
        JsonNode monitor = rendered.only("PodMonitor");
        assertEquals("b", monitor.at("/metadata/labels/a").asString());
        assertEquals("d", monitor.at("/metadata/annotations/c").asString());
        assertEquals("azmonitoring.coreos.com/v1", monitor.get("apiVersion").asString());
        assertEquals("x", monitor.at("/spec/jobLabel").asString());
        assertTrue(monitor.at("/spec/podMetricsEndpoints/0/honorLabels").asBoolean());
    }

    /** Their legends are in the braces of templates, too. */
    @Test
    void dashboardsAreTheRepositorysByteForByte() throws IOException {
        Rendered rendered = Chart.render("dashboards: {enabled: true}");
        try (Stream<Path> files = Files.list(DASHBOARDS)) {
            for (Path file : files.filter(one -> one.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                String name = String.valueOf(file.getFileName());
                List<JsonNode> of = rendered.ofKind("ConfigMap").stream()
                        .filter(map -> map.get("data").has(name))
                        .toList();

                assertEquals(1, of.size(), name);
                JsonNode map = of.getFirst();
                assertEquals(
                        Files.readString(file).strip(),
                        map.get("data").get(name).asString().strip(),
                        name);
                assertEquals("1", map.at("/metadata/labels/grafana_dashboard").asString());
                assertTrue(map.toString().length() < CONFIG_MAP_BYTES_MAX, name);
            }
        }
        assertEquals(List.of(), Chart.render("{}").ofKind("PrometheusRule"));
        assertEquals(1, Chart.render("{}").ofKind("ConfigMap").size());
    }

    @Test
    void alertsAreLeftOutAndChangedByName() throws IOException {
        Path chart = copy();
        Files.writeString(chart.resolve("rules/denywatch.rules.yaml"), """
                groups:
                  - name: one
                    rules:
                      - {record: a:b, expr: up}
                      - alert: First
                        expr: up == 0
                        labels: {severity: warning}
                        annotations: {summary: '{{ $labels.node }}', runbook_url: 'https://example.com/a/first'}
                      - alert: Second
                        expr: up == 0
                        labels: {severity: critical}
                        annotations: {runbook_url: 'https://example.com/a#second'}
                      - {alert: Third, expr: up == 0, labels: {severity: info}, annotations: {runbook_url: 'https://example.com/a/third'}}
                """);
        String values =
                "prometheusRule: {enabled: true, disabled: [Third], severities: {Second: info}, alertLabels: {team:"
                        + " network}, runbookUrl: 'https://wiki.example.com/#'}";

        JsonNode rules = Chart.render(chart, Chart.NEW_KUBERNETES, values)
                .only("PrometheusRule")
                .at("/spec/groups/0/rules");

        assertEquals(Chart.yaml("""
                - {record: a:b, expr: up}
                - alert: First
                  expr: up == 0
                  labels: {severity: warning, team: network, namespace: watch}
                  annotations: {summary: '{{ $labels.node }}', runbook_url: 'https://wiki.example.com/#first'}
                - alert: Second
                  expr: up == 0
                  labels: {severity: info, team: network, namespace: watch}
                  annotations: {runbook_url: 'https://wiki.example.com/#second'}
                """), rules);
    }

    private Path copy() throws IOException {
        try (Stream<Path> files = Files.walk(Chart.DIRECTORY)) {
            for (Path file : files.sorted().toList()) {
                Path copy = directory.resolve(Chart.DIRECTORY.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
        return directory;
    }
}
