package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.delivery.Chart.Rendered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

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
                Chart.yaml(DASHBOARDS.resolve("rules/denywatch.rules.yaml")).get("groups"), rule.at("/spec/groups"));
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
                  labels: {severity: warning, team: network}
                  annotations: {summary: '{{ $labels.node }}', runbook_url: 'https://wiki.example.com/#first'}
                - alert: Second
                  expr: up == 0
                  labels: {severity: info, team: network}
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
