package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.count.Count;
import io.denywatch.testing.EdgeLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Old logs with numbers at which ranges end: what {@code replay} and {@code parse} print is never below 0. */
class EdgeReplayTest {
    private static final Pattern NEGATIVE = Pattern.compile("(?<![\\w.:-])-\\d");

    @TempDir
    private Path directory = Path.of("");

    private static void assertNumbers(JsonNode node) {
        if (node.isNumber()) {
            assertTrue(node.asDouble() >= 0 && node.asDouble() <= Count.MAX, node::toString);
        }
        node.forEach(EdgeReplayTest::assertNumbers);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void printsNoNumberBelowZero(long seed) throws IOException {
        EdgeLines lines = new EdgeLines(seed);
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            written.add(lines.line(Instant.parse("2026-03-01T09:00:00Z").plusMillis(i)));
        }
        Path log = Files.write(directory.resolve("log"), written);

        TestWorld replay = new TestWorld();
        assertEquals(0, replay.run("replay", "--output", "json", log), replay::err);
        JsonNode report = JsonMapper.shared().readTree(replay.out());
        assertNumbers(report);
        assertTrue(report.get("packets").asLong() > 1_000_000, report::toString);

        TestWorld text = new TestWorld();
        assertEquals(0, text.run("replay", log), text::err);
        assertFalse(NEGATIVE.matcher(text.out()).find(), text.out());

        TestWorld parse = new TestWorld();
        assertEquals(0, parse.run("parse", "--malformed", log), parse::err);
        parse.out().lines().map(JsonMapper.shared()::readTree).forEach(EdgeReplayTest::assertNumbers);
        assertFalse(NEGATIVE.matcher(parse.err()).find(), parse.err());
    }
}
