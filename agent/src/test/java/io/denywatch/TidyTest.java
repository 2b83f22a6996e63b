package io.denywatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** House rules that a machine can check, on the sources. */
class TidyTest {
    private static final int FILE_LINES_MAX = 450;
    private static final int METHOD_LINES_MAX = 70;

    /** Nobody remembers the types of a package that fill more than one screen; package-info is none. */
    private static final int PACKAGE_FILES_MAX = 30;

    private static final Pattern ROLE_NAME =
            Pattern.compile("\\b(class|interface|record|enum) \\w*(Manager|Helper|Utils?|Impl|Service|Processor)\\b");
    private static final Pattern BLANKET_CATCH = Pattern.compile("catch \\((final )?(Exception|Throwable)\\b");
    private static final Pattern LEFTOVER = Pattern.compile("\\b(TODO|FIXME|XXX|HACK)\\b");
    private static final Pattern WORLD = Pattern.compile(
            "System\\.(getenv|out|err|exit|currentTimeMillis|nanoTime)\\b|Instant\\.now\\(|Thread\\.sleep");
    private static final Pattern HOT_LIBRARY =
            Pattern.compile("^import (?!(static )?java\\.|io\\.denywatch\\.|org\\.jspecify)");
    private static final Pattern METHOD =
            Pattern.compile("^    (?!return|else|(\\w+ )*record )[\\w@<].*\\) (throws [\\w., ]+ )?\\{$");

    private static List<Path> sources(String root) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(root))) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
    }

    private static List<String> violations(String root, Pattern pattern, String... allowedRooms) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : sources(root)) {
            boolean allowed =
                    Stream.of(allowedRooms).anyMatch(room -> file.toString().contains("/denywatch/" + room));
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size() && !allowed; i++) {
                if (pattern.matcher(lines.get(i)).find()) {
                    found.add(file + ":" + (i + 1) + ": " + lines.get(i).strip());
                }
            }
        }
        return found;
    }

    @Test
    void filesAndMethodsAreShort() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : sources("src/main/java")) {
            List<String> lines = Files.readAllLines(file);
            if (lines.size() > FILE_LINES_MAX) {
                found.add(file + ": " + lines.size() + " lines");
            }
            int start = -1;
            for (int i = 0; i < lines.size(); i++) {
                if (METHOD.matcher(lines.get(i)).find()) {
                    start = i;
                } else if (lines.get(i).equals("    }") && start >= 0) {
                    if (i - start + 1 > METHOD_LINES_MAX) {
                        found.add(file + ":" + (start + 1) + ": " + (i - start + 1) + " lines");
                    }
                    start = -1;
                }
            }
        }
        assertEquals(List.of(), found);
    }

    @Test
    void packagesHaveFewFiles() throws IOException {
        Map<Path, Long> files = sources("src/main/java").stream()
                .filter(file -> !file.endsWith("package-info.java"))
                .collect(Collectors.groupingBy(file -> file.resolveSibling(""), TreeMap::new, Collectors.counting()));
        assertFalse(files.isEmpty());
        files.values().removeIf(count -> count <= PACKAGE_FILES_MAX);
        assertEquals(Map.of(), files);
    }

    @Test
    void namesSayWhatAThingIs() throws IOException {
        assertEquals(List.of(), violations("src/main/java", ROLE_NAME));
    }

    @Test
    void noCatchTakesEverything() throws IOException {
        assertEquals(List.of(), violations("src/main/java", BLANKET_CATCH));
    }

    @Test
    void nothingIsLeftOver() throws IOException {
        assertEquals(List.of(), violations("src", LEFTOVER, "TidyTest"));
    }

    @Test
    void onlyTheCommandLineSeesTheWorld() throws IOException {
        assertEquals(List.of(), violations("src/main/java", WORLD, "process/", "Main.java"));
    }

    @Test
    void hotRoomsNeedNothingButTheJdk() throws IOException {
        List<String> found = new ArrayList<>();
        for (String room :
                List.of("count", "ip", "sketch", "tail", "kmsg", "packet", "denial", "detection", "ingest")) {
            found.addAll(violations("src/main/java/io/denywatch/" + room, HOT_LIBRARY));
        }
        assertEquals(List.of(), found);
    }

    @Test
    void testsDoNotWaitForTheClock() throws IOException {
        assertEquals(List.of(), violations("src/test/java", Pattern.compile("Thread\\.sleep"), "TidyTest"));
    }
}
