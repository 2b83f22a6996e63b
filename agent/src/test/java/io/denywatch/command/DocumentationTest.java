package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.Permission;
import io.denywatch.exposition.MetricFamily;
import io.denywatch.exposition.Route;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents and scripts say what the code says: names stand once in the code, and are compared here. */
class DocumentationTest {
    private static final Path ROOT = Path.of("..");
    private static final Path README = ROOT.resolve("README.md");
    private static final List<Path> DOCUMENTS =
            List.of(README, ROOT.resolve("CONTRIBUTING.md"), ROOT.resolve("agent/DESIGN.md"));

    private static final Path DASHBOARDS = ROOT.resolve("dashboards");

    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$|`[^`\n]+`");
    private static final Pattern OTHER_PROGRAM = Pattern.compile("(?m)^(?:helm|kubectl) .*$");
    /** Not what rules record, which has a level before it. */
    private static final Pattern FAMILY = Pattern.compile("(?<!:)\\b(denywatch_\\w+)");

    private static final Pattern FAMILY_WITH_LABEL = Pattern.compile("\\b(denywatch_\\w+)\\{(\\w+)=");
    private static final Pattern COMMAND = Pattern.compile("(?m)(?:^|[`/ ])denywatch ([a-z]\\w*)");
    private static final Pattern INVOCATION = Pattern.compile("(?m)(?:^|[`/ ])denywatch ([a-z][^|`\n&#]*)");
    private static final Pattern REQUEST = Pattern.compile("localhost:9464(/[a-z0-9/]*)");
    private static final Pattern SCRIPTED_COMMAND = Pattern.compile("\"\\$denywatch\" ([a-z]\\w*)");
    private static final Pattern ASSIGNED_KEY = Pattern.compile("--set \"?([a-z][A-Za-z0-9.]*)=");
    private static final Pattern DOTTED_KEY = Pattern.compile("`([a-z]\\w*\\.[A-Za-z0-9.]+)`");
    private static final Pattern SCRIPT = Pattern.compile("\\bscripts/([a-z0-9]+(?:[.-][a-z0-9]+)*)");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern YAML = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");

    private static final Pattern LOG_LINE = Pattern.compile("(?m)^(.* kernel: .* calico-packet: .*)$");

    private static final Set<String> FAMILIES =
            Arrays.stream(MetricFamily.values()).map(MetricFamily::metricName).collect(Collectors.toSet());

    @TempDir
    private Path directory = Path.of("");

    private static String read(Path file) {
        return assertDoesNotThrow(() -> Files.readString(file), file::toString);
    }

    private static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("scripts"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** The runbooks and what lists them. */
    private static List<Path> manuals() throws IOException {
        try (Stream<Path> files = Files.walk(DASHBOARDS)) {
            // The packages that check the dashboards bring documents of their own.
            return files.filter(file ->
                            file.toString().endsWith(".md") && !file.toString().contains("node_modules"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Path> documentsAndScripts() throws IOException {
        return Stream.concat(DOCUMENTS.stream(), scripts().stream()).toList();
    }

    /** What stands in code spans and blocks: names in prose are no names. */
    private static String code(Path file) {
        return codeIn(read(file));
    }

    private static String codeIn(String text) {
        return CODE.matcher(text).results().map(m -> m.group()).collect(Collectors.joining("\n"));
    }

    /** The README but for what other programs are told: a release of our name is no command, a chart's value no setting. */
    private static String readmeOfOurs() {
        return OTHER_PROGRAM.matcher(read(README)).replaceAll("");
    }

    /** The first group of all matches; that there are none means that the pattern is wrong. */
    private static List<String> mentions(String text, Pattern pattern) {
        List<String> found =
                pattern.matcher(text).results().map(m -> m.group(1)).toList();
        assertFalse(found.isEmpty(), () -> "nothing matches " + pattern);
        return found;
    }

    private static String concatenated(List<Path> files) {
        return files.stream().map(DocumentationTest::read).collect(Collectors.joining("\n"));
    }

    private static void assertAll(List<String> names, Predicate<String> known) {
        assertEquals(List.of(), names.stream().filter(known.negate()).distinct().toList(), "not in the code");
    }

    /** The README's table whose header begins with these columns: rows of cells, code marks removed. */
    private static List<List<String>> table(String... header) {
        List<List<String>> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : read(README).lines().toList()) {
            List<String> cells = line.startsWith("|") ? cells(line) : List.of();
            if (cells.equals(List.of(header))) {
                inside = true;
            } else if (cells.isEmpty()) {
                inside = false;
            } else if (inside && !cells.getFirst().startsWith("---")) {
                assertEquals(header.length, cells.size(), line);
                rows.add(cells);
            }
        }
        assertFalse(rows.isEmpty(), () -> "no table " + List.of(header));
        return rows;
    }

    private static List<String> cells(String line) {
        String inner = line.substring(1, line.lastIndexOf('|'));
        return Arrays.stream(inner.split("\\|", -1))
                .map(cell -> cell.replace("`", "").strip())
                .toList();
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

    /** The subcommands, as a wrong one is told. */
    private static Set<String> commands() {
        TestWorld world = new TestWorld();
        assertEquals(2, world.run("nonsense"));
        Matcher allowed = Pattern.compile("allowed: ([a-z, ]+) \\(").matcher(world.err());
        assertTrue(allowed.find(), world.err());
        return new TreeSet<>(Arrays.asList(allowed.group(1).split(", ", -1)));
    }

    @Test
    void readmeListsEachSettingWithItsDefaultAndWhatIsAllowed() {
        assertEquals(
                described(Setting.values(), Setting::key, s -> List.of(s.byDefault(), s.allowed())),
                documented(table("key", "default", "allowed", "what for"), 3));
    }

    @Test
    void readmeListsEachMetricWithItsLabels() {
        assertEquals(
                described(
                        MetricFamily.values(),
                        MetricFamily::metricName,
                        family -> List.of(String.join(" ", family.labelNames()))),
                documented(table("metric", "labels", "meaning"), 2));
    }

    @Test
    void readmeListsEachCommand() {
        Set<String> listed = table("command", "does").stream()
                .map(row -> row.getFirst().replace("denywatch ", ""))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(commands(), listed);
    }

    @Test
    void readmeListsEachRoute() {
        Set<String> served = Arrays.stream(Route.values())
                .filter(route -> !route.isPartOfPage())
                .map(Route::path)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> listed = table("path", "answers").stream()
                .map(row -> row.getFirst().replaceFirst("\\?.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(served, listed);
    }

    @Test
    void documentsNameOnlyMetricsThatExist() {
        assertAll(mentions(concatenated(DOCUMENTS), FAMILY), FAMILIES::contains);
    }

    @Test
    void documentsNameOnlyLabelsThatTheMetricHas() {
        Matcher mention = FAMILY_WITH_LABEL.matcher(concatenated(DOCUMENTS));
        while (mention.find()) {
            assertTrue(
                    Arrays.stream(MetricFamily.values())
                            .filter(family -> family.metricName().equals(mention.group(1)))
                            .anyMatch(family -> family.labelNames().contains(mention.group(2))),
                    mention::group);
        }
    }

    /** Scripts match names by their beginnings, too. */
    @Test
    void scriptsMatchOnlyMetricsThatExist() throws IOException {
        assertAll(
                mentions(concatenated(scripts()), FAMILY),
                name -> FAMILIES.stream()
                        .anyMatch(family -> family.startsWith(name) || name.equals(family + "_count")));
    }

    @Test
    void readmeAndScriptsRunOnlyCommandsThatExist() throws IOException {
        Set<String> commands = commands();

        assertAll(mentions(codeIn(readmeOfOurs()), COMMAND), commands::contains);
        assertAll(mentions(codeOfManuals(), COMMAND), commands::contains);
        assertAll(mentions(concatenated(scripts()), SCRIPTED_COMMAND), commands::contains);
    }

    @Test
    void readmeAndManualsGiveOnlyOptionsThatExist() throws IOException {
        for (String invocation : mentions(codeIn(readmeOfOurs()) + "\n" + codeOfManuals(), INVOCATION)) {
            List<String> words = List.of(invocation.split("\\s+", -1));
            Stream<String> command = words.stream()
                    .limit(words.getFirst().equals("blocklist") ? 2 : 1)
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
    void manualsAskOnlyForPathsThatAreServed() throws IOException {
        Set<String> served = Arrays.stream(Route.values()).map(Route::path).collect(Collectors.toSet());

        assertAll(mentions(codeOfManuals(), REQUEST), served::contains);
    }

    private static String codeOfManuals() throws IOException {
        return manuals().stream().map(DocumentationTest::code).collect(Collectors.joining("\n"));
    }

    @Test
    void readmeAndScriptsSetOnlyKeysThatExist() throws IOException {
        assertAll(mentions(readmeOfOurs(), ASSIGNED_KEY), Setting.keys()::contains);
        assertAll(mentions(concatenated(scripts()), ASSIGNED_KEY), Setting.keys()::contains);
    }

    @Test
    void readmeGivesHelmOnlyValuesThatTheChartHas() throws IOException {
        String helm =
                read(README).lines().filter(line -> line.startsWith("helm ")).collect(Collectors.joining("\n"));
        String values = read(ROOT.resolve("charts/denywatch/README.md"));

        assertAll(mentions(helm, ASSIGNED_KEY), value -> values.contains("\n| `" + value + "` |"));
    }

    @Test
    void readmeListsEachPermission() throws IOException {
        List<String> rows = Permission.ALL.stream()
                .map(permission -> "| %s | %s | %s%s | %s |"
                        .formatted(
                                permission.apiGroup().isEmpty() ? "(core)" : permission.apiGroup(),
                                permission.resource(),
                                String.join(", ", permission.verbs()),
                                limits(permission),
                                permission
                                        .need()
                                        .name()
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', '-')))
                .toList();
        List<String> found = read(README)
                .lines()
                .dropWhile(line -> !line.startsWith("| API group |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .toList();

        assertEquals(rows, found);
    }

    private static String limits(Permission permission) {
        String where = permission.namespace().isEmpty() ? "" : "in " + permission.namespace();
        String limits = (permission.name() + " " + where).strip();
        return limits.isEmpty() ? "" : " (" + limits + ")";
    }

    @Test
    void documentsNameOnlySettingsThatExist() throws IOException {
        Set<String> levels =
                Setting.keys().stream().map(key -> key.split("\\.", -1)[0]).collect(Collectors.toSet());
        List<String> named = mentions(concatenated(DOCUMENTS) + concatenated(manuals()), DOTTED_KEY).stream()
                .filter(name -> levels.contains(name.split("\\.", -1)[0]))
                .toList();

        assertAll(named, Setting.keys()::contains);
    }

    @Test
    void readmesConfigurationIsAccepted() throws IOException {
        List<String> configurations = mentions(read(README), YAML).stream()
                .filter(yaml -> !yaml.startsWith("apiVersion:"))
                .toList();
        for (String yaml : configurations) {
            Path file = Files.writeString(directory.resolve("denywatch.yaml"), yaml);
            World world = new TestWorld().world();

            assertDoesNotThrow(() -> ConfigurationReader.read(Settings.read(file, List.of()), world), yaml);
        }
    }

    @Test
    void readmesLogLineIsAPacket() {
        String line = mentions(read(README), LOG_LINE).getFirst() + " \n"; // the blank that the kernel ends with
        TestWorld world = new TestWorld().withInput(line.getBytes(StandardCharsets.UTF_8));

        assertEquals(0, world.run("parse"));
        assertTrue(world.out().contains("\"kind\":\"packet\""), () -> world.out() + world.err());
    }

    @Test
    void namedScriptsExist() throws IOException {
        assertAll(
                mentions(concatenated(documentsAndScripts()), SCRIPT),
                name -> Files.exists(ROOT.resolve("scripts").resolve(name)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "CONTRIBUTING.md", "SECURITY.md", "agent/DESIGN.md"})
    void linksLeadSomewhere(String name) {
        Path document = ROOT.resolve(name);
        Set<String> anchors = mentions(read(document), HEADING).stream()
                .map(heading -> "#" + heading.toLowerCase(Locale.ROOT).replace(' ', '-'))
                .collect(Collectors.toSet());
        List<String> targets = mentions(read(document), LINK).stream()
                .filter(target -> !target.contains("://"))
                .toList();

        assertAll(
                targets,
                target -> target.startsWith("#")
                        ? anchors.contains(target)
                        : Files.exists(document.resolveSibling(target.replaceFirst("#.*", ""))));
    }

    @Test
    void linksOfManualsLeadSomewhere() throws IOException {
        for (Path manual : manuals()) {
            assertAll(
                    LINK.matcher(read(manual)).results().map(m -> m.group(1)).toList(),
                    target -> target.contains("://") || Files.exists(manual.resolveSibling(target)));
        }
    }
}
