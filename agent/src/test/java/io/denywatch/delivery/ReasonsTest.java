package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.ApiJson;
import io.denywatch.api.NlbsDocument;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.exposition.MetricFamily;
import io.denywatch.packet.Malformation;
import io.denywatch.packet.Suppressor;
import io.denywatch.tail.TailSnapshot;
import io.denywatch.top.AgentDocuments;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

/** Whatever can be lost or refused, for whatever reason, is explained wherever others of its kind are. */
class ReasonsTest {
    private static final String REFERENCE = Documents.read(Documents.METRICS);
    private static final String PAGE = Delivered.read(Path.of("src/main/resources/io/denywatch/exposition/page.js"));
    private static final String BOARDS = Delivered.files(Path.of("../dashboards"), ".json").stream()
            .map(Delivered::read)
            .reduce("", String::concat);

    private static final Set<String> GAPS = TailSnapshot.unopened("").gaps().keySet();
    private static final List<String> OUTCOMES =
            Stream.of(DetectionOutcome.values()).map(DetectionOutcome::label).toList();

    private static List<String> missing(Collection<String> reasons, String text, String form) {
        return reasons.stream()
                .filter(reason ->
                        !Pattern.compile(form.formatted(reason)).matcher(text).find())
                .sorted()
                .toList();
    }

    private static String row(MetricFamily family) {
        return REFERENCE
                .lines()
                .filter(line -> line.startsWith("| `" + family.metricName() + "` |"))
                .findFirst()
                .orElseThrow();
    }

    private static String object(String constant) {
        int begin = PAGE.indexOf("const " + constant + " = {");
        assertTrue(begin >= 0, constant);
        return PAGE.substring(begin, PAGE.indexOf("};", begin));
    }

    @Test
    void theReferenceNamesAll() {
        assertEquals(List.of(), missing(GAPS, row(MetricFamily.LOG_GAPS), "`%s`"));
        assertEquals(List.of(), missing(OUTCOMES, row(MetricFamily.PROMOTIONS), "`%s`"));
        assertEquals(
                List.of(),
                missing(
                        Stream.of(Malformation.values())
                                .map(Malformation::label)
                                .toList(),
                        row(MetricFamily.MALFORMED_LINES),
                        "`%s`"));
        assertEquals(
                List.of(),
                missing(
                        Stream.of(Suppressor.values()).map(Suppressor::label).toList(),
                        row(MetricFamily.LOG_SUPPRESSED_LINES),
                        "`%s`"));
        assertEquals(
                List.of(),
                missing(TailSnapshot.unopened("").readErrors().keySet(), row(MetricFamily.LOG_READ_ERRORS), "`%s`"));
    }

    @Test
    void thePageHasWordsForAll() {
        assertEquals(List.of(), missing(GAPS, object("GAPS"), "\\b%s: '"));
        assertEquals(List.of(), missing(OUTCOMES, object("DECIDED"), "\\b%s: '"));
    }

    @Test
    void topHasWordsForAll() {
        for (String gap : GAPS) {
            List<String> losses = AgentDocuments.page(ApiJson.read(
                            new JsonMapper()
                                    .readTree(
                                            "{\"takenAt\": \"2026-03-01T00:00:00Z\", \"since\": \"2026-03-01T00:00:00Z\", \"nlbs\": [], \"log\": {\"gaps\": {\""
                                                    + gap + "\": 1}}}"),
                            NlbsDocument.class))
                    .losses();

            assertEquals(1, losses.size(), gap);
            assertTrue(!losses.getFirst().equals(gap), gap);
        }
    }

    @Test
    void theRunbookSaysWhatToDoAboutAll() {
        assertEquals(
                List.of(),
                missing(
                        GAPS.stream()
                                .filter(gap ->
                                        !Set.of("reboot", "source_changed").contains(gap)) // raise no alert
                                .toList(),
                        Delivered.read(Delivered.RUNBOOKS.resolve("log-gap.md")),
                        "`%s`"));
    }

    @Test
    void theBoardsHaveAColourForAllThatIsDecided() {
        assertEquals(
                List.of(), missing(OUTCOMES, Delivered.read(Path.of("../dashboards/boards/shared.mjs")), "\\b%s: '"));
    }

    /** What says that something was lost, given up or left out. */
    @ParameterizedTest
    @EnumSource(
            names = {
                "SOURCES_EVICTED",
                "MALFORMED_LINES",
                "LOG_READ_ERRORS",
                "LOG_SUPPRESSED_LINES",
                "LOG_GAPS",
                "LOG_NUL_BYTES",
                "KMSG_LOST_RECORDS",
                "CHECKPOINT_FAILURES",
                "STATE_LOST",
                "EXPOSITION_ERRORS",
                "DISPLACEMENTS",
                "WINDOWS_EVICTED"
            })
    void theBoardsShow(MetricFamily family) {
        assertTrue(BOARDS.contains(family.metricName() + "{"), family::metricName);
    }
}
