package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.ApiPaths;
import io.denywatch.config.Setting;
import io.denywatch.delivery.Chart;
import io.denywatch.delivery.Documents;
import io.denywatch.exposition.MetricFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What is written about the chart is what it has. */
class ChartDocumentsTest {
    /** How a block of YAML begins that is meant for Helm. */
    static final String VALUES_MARK = "# values.yaml\n";

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Path README = Chart.DIRECTORY.resolve("README.md");
    private static final Pattern ROW = Pattern.compile("^\\| `([A-Za-z.]+)` \\| `([^`]*)` \\| (.+) \\|$");
    private static final Pattern VALUE = Pattern.compile("\\b([a-z]\\w*(?:\\.[A-Za-z]+)+)\\b");
    private static final Pattern COMMAND =
            Pattern.compile("\\bdenywatch ([a-z]+)(?= (?:--|list\\b|add\\b)|`|\\)|,|\\n)");
    private static final Pattern HELM = Pattern.compile("(?m)^(helm .*)$");
    private static final Pattern ASSIGNED_VALUE = Pattern.compile("--set \"?([a-z][A-Za-z0-9.]*)=");
    private static final Pattern SPAN = Pattern.compile("`([^`\n]+)`");
    /** Values that hold what the user names, so their defaults are shown whole. */
    private static final Set<String> MAPS = Set.of("nodeSelector", "dashboards.labels");

    @TempDir
    private Path directory = Path.of("");

    private static JsonNode values() {
        return YAML.readTree(Chart.DIRECTORY.resolve("values.yaml"));
    }

    private static void leaves(JsonNode node, String path, Map<String, JsonNode> into) {
        if (node.isObject() && !node.isEmpty() && !MAPS.contains(path)) {
            node.properties()
                    .forEach(property -> leaves(
                            property.getValue(),
                            path.isEmpty() ? property.getKey() : path + "." + property.getKey(),
                            into));
        } else {
            into.put(path, node);
        }
    }

    private static Map<String, JsonNode> leaves() {
        Map<String, JsonNode> leaves = new LinkedHashMap<>();
        leaves(values(), "", leaves);
        return leaves;
    }

    private static String texts() throws IOException {
        try (Stream<Path> files = Files.walk(Chart.DIRECTORY.resolve("templates"))) {
            StringBuilder all = new StringBuilder(Files.readString(README));
            all.append(Files.readString(Chart.DIRECTORY.resolve("values.yaml")));
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file));
            }
            return all.toString();
        }
    }

    private static List<String> mentions(String text, Pattern pattern) {
        List<String> found =
                pattern.matcher(text).results().map(m -> m.group(1)).distinct().toList();
        assertFalse(found.isEmpty(), pattern::toString);
        return found;
    }

    @Test
    void readmeListsEachValueWithItsDefault() throws IOException {
        Map<String, JsonNode> listed = new LinkedHashMap<>();
        for (String line : Files.readAllLines(README)) {
            var row = ROW.matcher(line);
            if (row.matches()) {
                assertEquals(null, listed.put(row.group(1), YAML.readTree(row.group(2))), line);
            }
        }

        assertEquals(leaves(), listed);
    }

    /** Whether the chart has this value, or passes it on to the agent. */
    static boolean isValue(String name) {
        return name.startsWith("config.")
                ? Setting.keys().contains(name.substring("config.".length()))
                : !values().at("/" + name.replace('.', '/')).isMissingNode();
    }

    /** Paths below a value, such as seLinuxOptions of a security context, are Kubernetes' affair. */
    @Test
    void documentsAndNotesNameOnlyValuesThatExist() throws IOException {
        List<String> roots = List.copyOf(values().propertyNames());
        String text = Files.readString(README).replaceAll("\\]\\([^)]*\\)", "]")
                + Files.readString(Chart.DIRECTORY.resolve("templates/NOTES.txt"))
                + String.join("\n", mentions(Documents.read(Documents.forUsers()), SPAN));
        Set<String> below = Set.of("podSecurityContext", "securityContext");
        List<String> wrong = mentions(text, VALUE).stream()
                .filter(name -> roots.contains(name.split("\\.", -1)[0]))
                .filter(name -> !below.contains(name.split("\\.", -1)[0]))
                .filter(name -> !isValue(name) && !Setting.keys().contains(name))
                .filter(name -> !ApiPaths.BLOCKLIST_TEXT.equals("/" + name))
                .toList();

        assertEquals(List.of(), wrong);
    }

    @Test
    void documentsGiveHelmOnlyValuesThatTheChartHas() {
        String helm = String.join("\n", mentions(Documents.read(Documents.all()), HELM));

        assertEquals(List.of(), Documents.unknown(mentions(helm, ASSIGNED_VALUE), leaves()::containsKey));
    }

    @Test
    void valuesOfTheDocumentsAreAccepted() throws IOException {
        List<String> examples = Documents.blocks(Documents.forUsers(), "yaml").stream()
                .filter(yaml -> yaml.startsWith(VALUES_MARK))
                .toList();

        assertFalse(examples.isEmpty());
        for (String values : examples) {
            Path file = Files.writeString(directory.resolve("values.yaml"), values);

            assertFalse(Chart.render(file).configuration().isEmpty(), values);
        }
    }

    @Test
    void textsNameOnlyMetricsAndCommandsThatExist() throws IOException {
        Set<String> families = Arrays.stream(MetricFamily.values())
                .map(MetricFamily::metricName)
                .collect(Collectors.toSet());
        String text = texts();
        TestWorld world = new TestWorld();
        world.run("nonsense");

        mentions(text, Pattern.compile("\\b(denywatch_\\w+)"))
                .forEach(name -> assertTrue(families.contains(name), name));
        mentions(text, COMMAND)
                .forEach(name -> assertTrue(
                        Pattern.compile("\\b" + name + "\\b")
                                .matcher(world.err())
                                .find(),
                        name));
    }

    @Test
    void podsRunCommandsThatExist() {
        JsonNode pods =
                Chart.render(Chart.DIRECTORY.resolve("ci/default-values.yaml")).commands();

        for (JsonNode arguments : pods) {
            TestWorld world = new TestWorld();
            String command = arguments.get(0).asString();

            assertEquals(0, world.run(command, "--help"), command);
            assertTrue(world.out().contains("--config"), command);
        }
        assertEquals(2, pods.size());
    }

    @Test
    void versionIsTheOneOfTheProgram() throws IOException {
        JsonNode chart = YAML.readTree(Chart.DIRECTORY.resolve("Chart.yaml"));
        String version = chart.path("appVersion").asString();

        assertTrue(Files.readString(Path.of("..", "pom.xml")).contains("<version>" + version + "-SNAPSHOT</version>")
                || Files.readString(Path.of("..", "pom.xml")).contains("<version>" + version + "</version>"));
        assertTrue(chart.at("/annotations/artifacthub.io~1images").asString().contains("denywatch:" + version + "\n"));
        assertTrue(Files.readString(Chart.DIRECTORY.resolve("CHANGELOG.md"))
                .contains("\n## " + chart.path("version").asString() + "\n"));
    }
}
