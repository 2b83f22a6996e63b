package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Each alert is tested, explained, and says where. */
class AlertsTest {
    private static final String RUNBOOKS = "https://github.com/denywatch/denywatch/blob/main/dashboards/runbooks/";

    private static String name(JsonNode alert) {
        return alert.path("alert").asString();
    }

    private static String annotation(JsonNode alert, String name) {
        return alert.path("annotations").path(name).asString("");
    }

    private static Set<String> names() {
        return Delivered.alerts().stream().map(AlertsTest::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> tested(Predicate<JsonNode> expected) {
        return Delivered.expectations().stream()
                .filter(test -> expected.test(test.path("exp_alerts")))
                .map(test -> test.path("alertname").asString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void eachHasATestInWhichItFires() {
        assertEquals(names(), tested(alerts -> !alerts.isEmpty()));
    }

    @Test
    void eachHasATestInWhichItIsSilent() {
        assertEquals(names(), tested(JsonNode::isEmpty));
    }

    @Test
    void eachHasARunbookAndEachRunbookAnAlert() {
        Set<String> linked = Delivered.alerts().stream()
                .map(alert -> annotation(alert, "runbook_url"))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> written = Delivered.files(Delivered.RUNBOOKS, ".md").stream()
                .map(file -> RUNBOOKS + file.getFileName())
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(written, linked);
        assertEquals(names().size(), linked.size()); // one alert may have rules of several severities
    }

    @Test
    void runbooksBearTheNameOfTheirAlertAndAllSayTheSameThings() {
        for (JsonNode alert : Delivered.alerts()) {
            String file = annotation(alert, "runbook_url").substring(RUNBOOKS.length());
            List<String> headings = Delivered.read(Delivered.RUNBOOKS.resolve(Path.of(file)))
                    .lines()
                    .filter(line -> line.startsWith("#"))
                    .filter(line -> line.startsWith("# ") || line.startsWith("## "))
                    .toList();

            assertEquals(
                    List.of("# " + name(alert), "## First look", "## What to do", "## When it is harmless"), headings);
        }
    }

    @Test
    void eachSaysHowBadItIsAndWhere() {
        for (JsonNode alert : Delivered.alerts()) {
            String description = annotation(alert, "description");

            assertTrue(
                    Set.of("critical", "warning", "info")
                            .contains(alert.path("labels").path("severity").asString()),
                    alert::toString);
            assertTrue(annotation(alert, "summary").matches("[^{]+\\."), alert::toString);
            assertTrue(description.endsWith("."), alert::toString);
            // No agent at all, and what is true of the whole cluster, have no place.
            boolean everywhere = Set.of(
                            "DenywatchAbsent",
                            "DenywatchBlocklistOverdue",
                            "DenywatchBlocklistPolicyMissing",
                            "DenywatchMassBlock")
                    .contains(name(alert));
            assertTrue(everywhere || description.matches("(?s).*\\$labels\\.(node|nlb|id)\\b.*"), description);
        }
    }

    @Test
    void theOverviewListsEachWithItsSeverityAndSummary() {
        List<String> rows = Delivered.alerts().stream()
                .map(alert -> "| [%s](runbooks/%s) | %s | %s |"
                        .formatted(
                                name(alert),
                                annotation(alert, "runbook_url").substring(RUNBOOKS.length()),
                                alert.path("labels").path("severity").asString(),
                                annotation(alert, "summary")))
                .toList();

        assertEquals(
                rows,
                Delivered.read(Delivered.README)
                        .lines()
                        .filter(line -> line.startsWith("| [Denywatch"))
                        .toList());
    }
}
