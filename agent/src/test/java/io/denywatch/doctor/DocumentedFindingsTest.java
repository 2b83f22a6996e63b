package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.denywatch.delivery.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name findings by the ids that {@code doctor} prints. */
class DocumentedFindingsTest {
    private static final Pattern ID = Pattern.compile("`?([a-z]+(?:-[a-z]+)+)`?");

    /** The table of symptoms, and that of what withholds blocking. */
    private static List<String> named() {
        return Stream.concat(
                        Documents.table(
                                        Documents.page("troubleshooting.md"),
                                        "you see",
                                        "doctor says",
                                        "meaning and remedy")
                                .stream()
                                .map(row -> row.get(1)),
                        Documents.table(Documents.page("policies.md"), "finding", "meaning").stream()
                                .map(List::getFirst))
                .flatMap(cell -> ID.matcher(cell).results())
                .map((MatchResult id) -> id.group(1))
                .toList();
    }

    @Test
    void documentsNameOnlyFindingsThatDoctorHas() {
        Set<String> known =
                Arrays.stream(FindingKind.values()).map(FindingKind::id).collect(Collectors.toSet());
        List<String> named = named();

        assertFalse(named.isEmpty());
        assertEquals(List.of(), named.stream().filter(id -> !known.contains(id)).toList());
    }

    @Test
    void someCheckCanReportEachFinding() throws IOException {
        StringBuilder sources = new StringBuilder();
        try (Stream<Path> files = Files.walk(Path.of("src/main/java/io/denywatch"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                sources.append(Files.readString(file));
            }
        }
        String code = sources.toString();

        assertEquals(
                List.of(),
                Arrays.stream(FindingKind.values())
                        .filter(kind -> !Pattern.compile("\\bFindingKind\\." + kind.name() + "\\b")
                                .matcher(code)
                                .find())
                        .toList());
    }
}
