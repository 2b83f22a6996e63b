package io.denywatch.exposition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.ApiJson;
import io.denywatch.tail.TailSnapshot;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What can be said about the page without a browser. */
class AssetTest {
    private static final int BYTES_MAX = 49 * 1024; // of all files together
    private static final List<Asset> ASSETS = List.of(Asset.PAGE, Asset.STYLE, Asset.SCRIPT);

    private static String text(Asset asset) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertDoesNotThrow(() -> asset.write(out));
        return out.toString(UTF_8);
    }

    @Test
    void thePageIsSmall() {
        int bytes = ASSETS.stream().mapToInt(asset -> text(asset).length()).sum();

        assertTrue(bytes < BYTES_MAX, bytes + " bytes");
    }

    @Test
    void thePageShowsAllThatAFindingSays() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ApiJson.write(Blocklists.diagnosis().document(), out);
        List<String> properties = List.copyOf(new JsonMapper()
                .readTree(out.toByteArray())
                .get("findings")
                .get(0)
                .propertyNames());

        assertTrue(properties.contains("caveats"));
        assertTrue(
                text(Asset.SCRIPT).contains("findings.map(({ " + String.join(", ", properties) + " }) =>"),
                properties::toString);
    }

    @Test
    void canBeReadAgain() {
        assertEquals(text(Asset.PAGE), text(Asset.PAGE));
        assertTrue(text(Asset.PAGE).startsWith("<!DOCTYPE html>"));
    }

    @Test
    void nothingComesFromOutside() {
        for (Asset asset : ASSETS) {
            List<String> outside = Pattern.compile("(?i)(https?:)?//[\\w.-]+\\.\\w+[^\\s'\"]*")
                    .matcher(text(asset))
                    .results()
                    .map(MatchResult::group)
                    .filter(address -> !address.startsWith("http://www.w3.org/2000/svg")) // a name, not an address
                    .toList();

            assertEquals(List.of(), outside);
        }
    }

    @Test
    void theBrowserIsToldToRunNothingElse() {
        List<String> policy = List.of(Asset.CONTENT_SECURITY_POLICY.split("; "));

        assertTrue(policy.containsAll(List.of(
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "connect-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'")));
        assertFalse(Asset.CONTENT_SECURITY_POLICY.contains("unsafe"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "createContextualFragment",
                "DOMParser",
                "eval(",
                "Function(",
                "setTimeout('",
                "import(",
                "srcdoc",
                "localStorage",
                "javascript:",
                ".style"
            })
    void theScriptMakesTextNodesAndNothingElse(String forbidden) {
        assertFalse(text(Asset.SCRIPT).contains(forbidden), forbidden);
    }

    @Test
    void theMarkupHoldsNeitherScriptsNorStyles() {
        String page = text(Asset.PAGE);

        assertFalse(Pattern.compile("(?i)\\son\\w+\\s*=|style\\s*=|<style|<script[^>]*>[^<]")
                .matcher(page)
                .find());
    }

    @Test
    void theScriptFindsWhatTheMarkupNames() {
        Set<String> wanted = found("byId\\('([\\w-]+)'\\)", text(Asset.SCRIPT));
        Set<String> there = found("id=\"([\\w-]+)\"", text(Asset.PAGE));

        wanted.removeAll(there);
        assertEquals(List.of(), List.copyOf(wanted));
    }

    @Test
    void theScriptAsksForWhatIsServed() {
        for (String path : found("'?`?\\./(api/v1/\\w+)", text(Asset.SCRIPT))) {
            assertTrue(Route.at("/" + path) != null, path);
        }
    }

    @Test
    void thePageHasWordsForEachGap() {
        String script = text(Asset.SCRIPT);
        List<String> unnamed = TailSnapshot.unopened("").gaps().keySet().stream()
                .filter(label -> !script.contains("  " + label + ": '"))
                .toList();

        assertEquals(List.of(), unnamed);
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
