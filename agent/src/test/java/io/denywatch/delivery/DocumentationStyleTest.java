package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The documents hang together, are short enough to be read, and are in plain English. */
class DocumentationStyleTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final int README_BYTES_MAX = 12 * 1024;
    /** A name in two parts, such as {@code DenialTable}, that no other software has given. */
    private static final Pattern TYPE = Pattern.compile("`([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+)(?:[.#][^`]*)?`");

    private static final Set<String> OF_OTHERS =
            Set.of("GlobalNetworkSet", "HashMap", "InstantSource", "PrivateDevices", "ProtectKernelLogs");

    /** Turns of phrase that a reader has to read twice, and words for which the documents have others. */
    private static final Pattern DIALECT = Pattern.compile(
            "\\b(anew|whoever|whence|nobody|told apart|tells? apart|vouch\\w*|of theirs|of yours|by himself|offen[cs]e\\w*"
                    + "|bans?|banned|unban\\w*)\\b|\\bbehind (it|them|the|that|a)\\b"
                    + "|, for (they|it|he|we|there|this|that|these|those|nothing|no|its|all) ",
            Pattern.CASE_INSENSITIVE);

    /** The relative links of a document. */
    private static List<String> links(Path document) {
        return LINK.matcher(Documents.read(document))
                .results()
                .map(match -> match.group(1))
                .filter(target -> !target.contains("://"))
                .toList();
    }

    private static Path target(Path document, String link) {
        String file = link.replaceFirst("#.*", "");
        return file.isEmpty() ? document : document.resolveSibling(file).normalize();
    }

    private static boolean leadsSomewhere(Path document, String link) {
        Path target = target(document, link);
        int hash = link.indexOf('#');
        return Files.exists(target) && (hash < 0 || Documents.anchors(target).contains(link.substring(hash + 1)));
    }

    private static List<String> dialect(Path document) {
        return Documents.prose(document).stream()
                .filter(line -> DIALECT.matcher(line).find())
                .map(line -> document + ":" + line)
                .toList();
    }

    @Test
    void eachLinkAndAnchorLeadsSomewhere() {
        List<String> dead = new ArrayList<>();
        int links = 0;
        for (Path document : Documents.all()) {
            for (String link : links(document)) {
                links++;
                if (!leadsSomewhere(document, link)) {
                    dead.add(document + ": " + link);
                }
            }
        }

        assertEquals(List.of(), dead);
        assertTrue(links > 100, String.valueOf(links));
    }

    @Test
    void eachPageIsLinkedFromAnother() {
        List<Path> linked = Documents.written().stream()
                .flatMap(document -> links(document).stream()
                        .map(link -> target(document, link))
                        .filter(target -> !target.equals(document)))
                .toList();

        assertEquals(
                List.of(),
                Documents.pages().stream()
                        .filter(page -> !linked.contains(page.normalize()))
                        .toList());
    }

    /** A reader who comes from a search knows at once whether the page is the right one. */
    @Test
    void eachPageSaysFirstWhatItIsFor() {
        List<String> wrong = Documents.pages().stream()
                .filter(page -> !Objects.requireNonNull(page.getParent()).endsWith("adr"))
                .filter(page -> !Documents.read(page).matches("(?s)# [^\n]+\n\nThis page .+"))
                .map(Path::toString)
                .toList();

        assertEquals(List.of(), wrong);
    }

    @Test
    void documentsNameOnlyTypesThatExist() throws IOException {
        Set<String> types = new TreeSet<>(OF_OTHERS);
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".java"))
                    .forEach(name -> types.add(name.replace(".java", "")));
        }
        List<String> wrong = new ArrayList<>();
        for (Path document : List.of(Path.of("DESIGN.md"), Path.of("../CONTRIBUTING.md"), Documents.page("abuse.md"))) {
            TYPE.matcher(Documents.read(document))
                    .results()
                    .map(match -> match.group(1))
                    .filter(name -> !types.contains(name))
                    .forEach(name -> wrong.add(document + ": " + name));
        }

        assertEquals(List.of(), wrong);
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertTrue(Files.size(Path.of("../README.md")) <= README_BYTES_MAX);
    }

    @Test
    void theEnglishIsPlain() {
        assertEquals(
                List.of(),
                Documents.all().stream()
                        .flatMap(document -> dialect(document).stream())
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Counting begins anew.                     | true
            The ban ends.                             | true
            One at a time, for they can be forged.    | true
            It is lost, for example after a crash.    | false
            One of them, for each node, of an urbane. | false
            """)
    void dialectIsFound(String sentence, boolean found) {
        assertEquals(found, DIALECT.matcher(sentence).find(), sentence);
    }
}
