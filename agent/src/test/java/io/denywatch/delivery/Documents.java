package io.denywatch.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The Markdown documents of the repository: the README, the pages below docs, and those beside what they describe. */
public final class Documents {
    private static final Path ROOT = Path.of("..");
    /** What the page of a reference is tested against the code by. */
    public static final Path CONFIGURATION = page("reference/configuration.md");

    /** All metrics. */
    public static final Path METRICS = page("reference/metrics.md");
    /** All commands. */
    public static final Path COMMANDS = page("reference/cli.md");
    /** All routes, and the format of the web configuration file. */
    public static final Path HTTP = page("reference/http-api.md");
    /** All permissions. */
    public static final Path RBAC = page("reference/rbac.md");

    private static final Path README = ROOT.resolve("README.md");
    private static final Path CHART = Chart.DIRECTORY.resolve("README.md");

    /** Blocks between fences, which may have quotes of their own, and spans. */
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$|`[^`\n]+`");

    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(\\w*)\n(.*?)^```$");
    /** What other programs are told: a release of our name is no command, a chart's value no setting. */
    private static final Pattern OTHER_PROGRAM =
            Pattern.compile("(?m)(?<=^|`|\\| )(?:helm|kubectl|docker|skopeo|sudo|systemctl) [^`\n]*");

    private Documents() {}

    /** A page below docs. */
    public static Path page(String name) {
        return ROOT.resolve("docs").resolve(name);
    }

    private static List<Path> markdown(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            // The packages that check the dashboards bring documents of their own.
            return files.filter(file ->
                            file.toString().endsWith(".md") && !file.toString().contains("node_modules"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pages below docs. */
    static List<Path> pages() {
        return markdown(ROOT.resolve("docs"));
    }

    /** For users: the README, docs, the chart's page. */
    public static List<Path> forUsers() {
        List<Path> all = new ArrayList<>(List.of(README, CHART));
        all.addAll(pages());
        return all;
    }

    /** For users and developers, without runbooks. */
    static List<Path> written() {
        List<Path> all = new ArrayList<>(forUsers());
        Stream.of("CONTRIBUTING.md", "SECURITY.md", "agent/DESIGN.md", "dashboards/README.md")
                .map(ROOT::resolve)
                .forEach(all::add);
        return all;
    }

    /** The overview of the dashboards, and the runbooks. */
    static List<Path> manuals() {
        return markdown(ROOT.resolve("dashboards"));
    }

    /** All there are. */
    public static List<Path> all() {
        return Stream.concat(written().stream(), manuals().stream()).distinct().toList();
    }

    /** The text of a document. */
    public static String read(Path document) {
        return Delivered.read(document);
    }

    /** The text of several documents. */
    public static String read(List<Path> documents) {
        return documents.stream().map(Documents::read).collect(Collectors.joining("\n"));
    }

    /** Blocks and spans of code: names in prose are no names. */
    public static String code(List<Path> documents) {
        return CODE.matcher(read(documents)).results().map(MatchResult::group).collect(Collectors.joining("\n"));
    }

    /** The same without what other programs are told. */
    public static String ownCode(List<Path> documents) {
        return OTHER_PROGRAM.matcher(code(documents)).replaceAll("");
    }

    /** The blocks of code in one language. */
    public static List<String> blocks(List<Path> documents, String language) {
        return BLOCK.matcher(read(documents))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }

    /** What is said in words, with the number of its line before it. */
    static List<String> prose(Path document) {
        List<String> prose = new ArrayList<>();
        boolean inside = false;
        int number = 0;
        for (String line : read(document).lines().toList()) {
            number++;
            if (line.startsWith("```")) {
                inside = !inside;
            } else if (!inside) {
                prose.add(number + ": " + line.replaceAll("`[^`]*`|\\]\\([^)]*\\)", " "));
            }
        }
        return prose;
    }

    /** The anchors that GitHub gives the headings of a document. */
    static Set<String> anchors(Path document) {
        return read(document)
                .lines()
                .filter(line -> line.matches("#+ .+"))
                .map(line -> line.replaceFirst("#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** A document's table whose header has these cells: rows of cells, marks of code removed. */
    public static List<List<String>> table(Path document, String... header) {
        List<List<String>> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : read(document).lines().toList()) {
            List<String> cells = line.startsWith("|") ? cells(line) : List.of();
            if (cells.equals(List.of(header))) {
                inside = true;
            } else if (cells.isEmpty()) {
                inside = false;
            } else if (inside && !cells.getFirst().startsWith("---")) {
                if (cells.size() != header.length) {
                    throw new AssertionError(cells.size() + " cells: " + line);
                }
                rows.add(cells);
            }
        }
        if (rows.isEmpty()) {
            throw new AssertionError("no table " + List.of(header) + " in " + document);
        }
        return rows;
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.substring(1, line.lastIndexOf('|')).split("\\|", -1))
                .map(cell -> cell.replace("`", "").strip())
                .toList();
    }

    /** The first group of all matches; that there are none means that the pattern is wrong. */
    public static List<String> mentions(String text, Pattern pattern) {
        List<String> found =
                pattern.matcher(text).results().map(match -> match.group(1)).toList();
        if (found.isEmpty()) {
            throw new AssertionError("nothing matches " + pattern);
        }
        return found;
    }

    /** Those of the names that are not known, each once. */
    public static List<String> unknown(List<String> names, Predicate<String> known) {
        return names.stream().filter(known.negate()).distinct().toList();
    }
}
