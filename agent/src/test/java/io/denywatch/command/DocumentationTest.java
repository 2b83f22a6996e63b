package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.ApiPaths;
import io.denywatch.cluster.Permission;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.config.Setting;
import io.denywatch.config.Settings;
import io.denywatch.delivery.Documents;
import io.denywatch.exposition.MetricFamily;
import io.denywatch.exposition.Route;
import io.denywatch.process.ProcessContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The documents and scripts say what the code says: names stand once in the code, and are compared here. What the chart has
 * is compared in {@link ChartDocumentsTest}; metrics, their labels and values in {@code MetricNamesTest}.
 */
class DocumentationTest {
    private static final Path ROOT = Path.of("..");

    /** Not what rules record, which has a level before it. */
    private static final Pattern FAMILY = Pattern.compile("(?<!:)\\b(denywatch_\\w+)");

    private static final Pattern COMMAND = Pattern.compile("(?m)(?:^|[`/ ])denywatch ([a-z]\\w*)");
    private static final Pattern INVOCATION = Pattern.compile("(?m)(?:^|[`/ ])denywatch ([a-z][^|`\n&#]*)");
    private static final Pattern REQUEST = Pattern.compile("localhost:9464(/[a-z0-9/]*)");
    private static final Pattern SCRIPTED_COMMAND = Pattern.compile("\"\\$denywatch\" ([a-z]\\w*)");
    private static final Pattern ASSIGNED_KEY = Pattern.compile("--set \"?([a-z][A-Za-z0-9.]*)=");
    private static final Pattern DOTTED_KEY = Pattern.compile("`([a-z]\\w*\\.[A-Za-z0-9.]+)`");
    private static final Pattern SCRIPT = Pattern.compile("\\bscripts/([a-z0-9]+(?:[.-][a-z0-9]+)*)");
    private static final Pattern LOG_LINE = Pattern.compile("(?m)^(.* kernel: .* calico-packet: .*)$");

    @TempDir
    private Path directory = Path.of("");

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("scripts"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void assertAll(List<String> names, Predicate<String> known) {
        assertEquals(List.of(), Documents.unknown(names, known), "not in the code");
    }

    private static <T> Map<String, List<String>> described(
            T[] things, Function<T, String> name, Function<T, List<String>> rest) {
        Map<String, List<String>> byName = new LinkedHashMap<>();
        for (T thing : things) {
            byName.put(name.apply(thing), rest.apply(thing));
        }
        return byName;
    }

    private static Map<String, List<String>> documented(List<List<String>> rows, int columns) {
        Map<String, List<String>> byName = new LinkedHashMap<>();
        for (List<String> row : rows) {
            List<String> before = byName.put(row.getFirst(), row.subList(1, columns));
            assertEquals(null, before, () -> "twice: " + row.getFirst());
            assertFalse(row.getLast().isEmpty(), row::toString);
        }
        return byName;
    }

    /** What remains on a terminal: references to other pages do not. */
    private static String withoutLinks(String cell) {
        return cell.replaceAll("; see \\[[^]]*]\\([^)]*\\)", "").replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1");
    }

    /** The subcommands, as a wrong one is told. */
    private static Set<String> commands() {
        TestWorld world = new TestWorld();
        assertEquals(2, world.run("nonsense"));
        Matcher allowed = Pattern.compile("allowed: ([a-z, ]+) \\(").matcher(world.err());
        assertTrue(allowed.find(), world.err());
        return new TreeSet<>(Arrays.asList(allowed.group(1).split(", ", -1)));
    }

    @Test
    void eachSettingIsListedAsTheHelpDescribesIt() {
        List<List<String>> rows =
                Documents.table(Documents.CONFIGURATION, "key", "default", "allowed", "meaning").stream()
                        .map(row -> row.stream()
                                .map(DocumentationTest::withoutLinks)
                                .toList())
                        .toList();

        assertEquals(
                described(Setting.values(), Setting::key, s -> List.of(s.byDefault(), s.allowed(), s.meaning())),
                documented(rows, 4));
    }

    @Test
    void eachMetricIsListedWithItsLabels() {
        assertEquals(
                described(
                        MetricFamily.values(),
                        MetricFamily::metricName,
                        family -> List.of(String.join(" ", family.labelNames()))),
                documented(Documents.table(Documents.METRICS, "metric", "labels", "meaning"), 2));
    }

    @Test
    void eachCommandIsListed() {
        Set<String> listed = Documents.table(Documents.COMMANDS, "command", "does").stream()
                .map(row -> row.getFirst().replace("denywatch ", ""))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(commands(), listed);
    }

    @Test
    void eachRouteIsListed() {
        Set<String> served = Arrays.stream(Route.values())
                .filter(route -> !route.isPartOfPage())
                .map(Route::path)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> listed = Documents.table(Documents.HTTP, "path", "answers").stream()
                .map(row -> row.getFirst().replaceFirst("\\?.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(served, listed);
    }

    @Test
    void eachPermissionIsListed() {
        List<List<String>> permissions = Permission.ALL.stream()
                .map(permission -> List.of(
                        permission.apiGroup().isEmpty() ? "(core)" : permission.apiGroup(),
                        permission.resource(),
                        String.join(", ", permission.verbs()) + limits(permission),
                        permission.need().name().toLowerCase(Locale.ROOT).replace('_', '-')))
                .toList();

        assertEquals(permissions, Documents.table(Documents.RBAC, "API group", "resource", "verbs", "for"));
    }

    private static String limits(Permission permission) {
        String where = permission.namespace().isEmpty() ? "" : "in " + permission.namespace();
        String limits = (permission.name() + " " + where).strip();
        return limits.isEmpty() ? "" : " (" + limits + ")";
    }

    /** Scripts match names by their beginnings, too. */
    @Test
    void scriptsMatchOnlyMetricsThatExist() throws IOException {
        assertAll(
                Documents.mentions(Documents.read(scripts()), FAMILY),
                name -> Arrays.stream(MetricFamily.values())
                        .map(MetricFamily::metricName)
                        .anyMatch(family -> family.startsWith(name) || name.equals(family + "_count")));
    }

    @Test
    void documentsAndScriptsRunOnlyCommandsThatExist() throws IOException {
        Set<String> commands = commands();

        assertAll(Documents.mentions(Documents.ownCode(Documents.all()), COMMAND), commands::contains);
        assertAll(Documents.mentions(Documents.read(scripts()), SCRIPTED_COMMAND), commands::contains);
    }

    @Test
    void documentsGiveOnlyOptionsThatExist() {
        for (String invocation : Documents.mentions(Documents.ownCode(Documents.all()), INVOCATION)) {
            List<String> words = List.of(invocation.split("\\s+", -1));
            Stream<String> command = words.stream()
                    .limit(List.of("blocklist", "feed").contains(words.getFirst()) ? 2 : 1)
                    .filter(word -> word.matches("[a-z]+"));
            TestWorld world = new TestWorld();
            world.run(Stream.concat(command, Stream.of("--help")).toArray());

            assertAll(
                    words.stream()
                            .filter(word -> word.startsWith("--"))
                            .map(word -> word.replaceFirst("=.*", ""))
                            .toList(),
                    option -> Pattern.compile(option + "\\b(?!-)")
                            .matcher(world.out())
                            .find());
        }
    }

    @Test
    void documentsAndClientsAskOnlyForPathsThatAreServed() {
        Set<String> served = Arrays.stream(Route.values()).map(Route::path).collect(Collectors.toSet());
        Stream<String> asked = Stream.of(ApiPaths.NLBS, ApiPaths.SOURCES, ApiPaths.BLOCKLIST, ApiPaths.FINDINGS);

        assertAll(Documents.mentions(Documents.code(Documents.all()), REQUEST), served::contains);
        assertAll(asked.toList(), served::contains);
    }

    @Test
    void documentsAndScriptsSetOnlyKeysThatExist() throws IOException {
        assertAll(Documents.mentions(Documents.ownCode(Documents.all()), ASSIGNED_KEY), Setting.keys()::contains);
        assertAll(Documents.mentions(Documents.read(scripts()), ASSIGNED_KEY), Setting.keys()::contains);
    }

    /** A value of the chart may begin as a setting does. */
    @Test
    void documentsNameOnlySettingsThatExist() {
        Set<String> levels =
                Setting.keys().stream().map(key -> key.split("\\.", -1)[0]).collect(Collectors.toSet());
        List<String> named = Documents.mentions(Documents.read(Documents.all()), DOTTED_KEY).stream()
                .filter(name -> levels.contains(name.split("\\.", -1)[0]))
                .toList();

        assertAll(named, name -> Setting.keys().contains(name) || ChartDocumentsTest.isValue(name));
    }

    /** Of the chart's values, {@link ChartDocumentsTest} takes care. */
    @Test
    void configurationsOfTheDocumentsAreAccepted() throws IOException {
        List<String> configurations = Documents.blocks(Documents.forUsers(), "yaml").stream()
                .filter(yaml -> !yaml.startsWith("apiVersion:") && !yaml.startsWith(ChartDocumentsTest.VALUES_MARK))
                .toList();

        assertFalse(configurations.isEmpty());
        for (String yaml : configurations) {
            Path file = Files.writeString(directory.resolve("denywatch.yaml"), yaml);
            ProcessContext world = new TestWorld().world();

            assertDoesNotThrow(() -> ConfigurationReader.read(Settings.read(file, List.of()), world), yaml);
        }
    }

    @Test
    void logLinesOfTheDocumentsArePackets() {
        for (String line : Documents.mentions(Documents.read(Documents.forUsers()), LOG_LINE)) {
            byte[] written = (line + " \n").getBytes(StandardCharsets.UTF_8); // the blank that the kernel ends with
            TestWorld world = new TestWorld().withInput(written);

            assertEquals(0, world.run("parse"));
            assertTrue(world.out().contains("\"kind\":\"packet\""), () -> world.out() + world.err());
        }
    }

    @Test
    void namedScriptsExist() throws IOException {
        assertAll(
                Documents.mentions(Documents.read(Documents.all()) + Documents.read(scripts()), SCRIPT),
                name -> Files.exists(ROOT.resolve("scripts").resolve(name)));
    }
}
