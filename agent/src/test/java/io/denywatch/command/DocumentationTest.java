package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.exposition.MetricFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the documents and scripts mention exists, and what exists is in the README. */
class DocumentationTest {
    private static final Path PROJECT = Path.of("..");
    private static final Path README = PROJECT.resolve("README.md");
    private static final List<Path> DOCUMENTS =
            List.of(README, PROJECT.resolve("CONTRIBUTING.md"), PROJECT.resolve("agent/DESIGN.md"));

    private static Stream<MatchResult> matches(Path file, String regex) throws IOException {
        return Pattern.compile(regex, Pattern.MULTILINE)
                .matcher(Files.readString(file))
                .results();
    }

    /** Rows of the README's tables whose first cell is code that begins like this: first cell to the whole row. */
    private static Map<String, String> rows(String start) throws IOException {
        return matches(README, "^\\| `(" + start + "[^`]*)` \\|.*$")
                .collect(Collectors.toMap(row -> row.group(1), MatchResult::group, (a, b) -> a, TreeMap::new));
    }

    /** The README's command lines: command, and what follows it. */
    private static List<MatchResult> examples() throws IOException {
        List<MatchResult> examples = matches(README, "(?s)^```sh\n(.*?)^```")
                .flatMap(block -> Pattern.compile("^denywatch ([a-z]+)(.*)$", Pattern.MULTILINE)
                        .matcher(block.group(1))
                        .results())
                .toList();
        assertTrue(examples.size() > 3, "examples found: " + examples.size());
        return examples;
    }

    private static List<Path> documentsAndScripts() throws IOException {
        try (Stream<Path> scripts = Files.list(PROJECT.resolve("scripts"))) {
            return Stream.concat(DOCUMENTS.stream(), scripts.sorted()).toList();
        }
    }

    @Test
    void theReadmeListsEverySettingWithItsDefault() throws IOException {
        Map<String, String> documented =
                rows("(?:node|source|packets|loadBalancers|sources|http|blocklist|checkpoint)");
        assertEquals(new TreeSet<>(Setting.keys()), documented.keySet());
        for (Setting setting : Setting.values()) {
            String row = String.valueOf(documented.get(setting.key()));
            assertTrue(row.contains("| " + setting.byDefault() + " |"), row);
        }
    }

    @Test
    void everySettingThatIsSetSomewhereExists() throws IOException {
        for (Path file : documentsAndScripts()) {
            matches(file, "--set \"?([A-Za-z0-9.]+)=").map(set -> set.group(1)).forEach(key -> {
                boolean placeholder = key.equals("key");
                assertTrue(placeholder || Setting.keys().contains(key), file + ": " + key);
            });
        }
    }

    @Test
    void theReadmeListsEveryMetricWithItsLabels() throws IOException {
        Map<String, String> documented = rows("denywatch_");
        Set<String> families = Arrays.stream(MetricFamily.values())
                .map(MetricFamily::metricName)
                .collect(Collectors.toSet());
        assertEquals(new TreeSet<>(families), documented.keySet());
        for (MetricFamily family : MetricFamily.values()) {
            String labels =
                    family.labelNames().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
            String row = String.valueOf(documented.get(family.metricName()));
            assertTrue(row.contains("| " + (labels.isEmpty() ? "–" : labels) + " |"), row);
        }
    }

    @Test
    void everyMetricThatIsMentionedExists() throws IOException {
        Set<String> families = Arrays.stream(MetricFamily.values())
                .map(MetricFamily::metricName)
                .collect(Collectors.toSet());
        for (Path file : documentsAndScripts()) {
            matches(file, "denywatch_[a-z_]+").map(MatchResult::group).forEach(name -> {
                boolean begun = families.stream().anyMatch(family -> family.startsWith(name));
                assertTrue(begun, file + ": " + name);
            });
        }
    }

    @Test
    void theReadmeListsEveryCommandAndNoOther() throws IOException {
        TestWorld world = new TestWorld();
        assertEquals(0, world.run("--help"));
        Set<String> commands = Pattern.compile("^  ([a-z]+)  ", Pattern.MULTILINE)
                .matcher(world.out())
                .results()
                .map(command -> command.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> documented = rows("denywatch ").keySet().stream()
                .map(command -> command.substring("denywatch ".length()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(commands, documented);
        examples().forEach(example -> assertTrue(commands.contains(example.group(1)), example::group));
    }

    @Test
    void everyOptionInAnExampleExists() throws IOException {
        for (MatchResult example : examples()) {
            TestWorld world = new TestWorld();
            assertEquals(0, world.run(example.group(1), "--help"));
            Pattern.compile("--[a-z-]+").matcher(example.group(2)).results().forEach(option -> {
                assertTrue(world.out().contains(option.group()), example.group());
            });
        }
    }

    @Test
    void everyFileThatIsLinkedOrRunExists() throws IOException {
        for (Path document : DOCUMENTS) {
            Path folder = document.resolveSibling("");
            matches(document, "\\]\\(([^)#:]+)\\)")
                    .forEach(link -> assertTrue(Files.exists(folder.resolve(link.group(1))), link.group()));
            matches(document, "\\./(scripts/[a-z0-9-]+)")
                    .forEach(
                            script -> assertTrue(Files.isExecutable(PROJECT.resolve(script.group(1))), script.group()));
        }
    }
}
