package io.denywatch.simulate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.command.Recount;
import io.denywatch.command.TestWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SimulateCommandTest {
    private static final int STAMP_CHARACTERS = 32;
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    private Path directory = Path.of("");

    private JsonNode simulate(Path file, Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("simulate", "--output", file));
        arguments.addAll(List.of(more));
        TestWorld world = new TestWorld();
        assertEquals(0, world.run(arguments.toArray()), world::err);
        assertEquals(1, world.out().lines().count());
        return JSON.readTree(world.out());
    }

    private static List<String> packets(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> line.substring(STAMP_CHARACTERS))
                .toList();
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void truthIsWhatTheFileHolds(Scenario scenario) throws IOException {
        Path file = directory.resolve("log");

        JsonNode truth = simulate(file, "--packets", 20_000, "--sources", 500, "--scenario", scenario, "--seed", 7);

        Recount recount = Recount.of(Files.readAllLines(file));
        assertEquals(20_000, truth.get("packets").asLong());
        assertEquals(recount.lines, truth.get("lines").asLong());
        assertEquals(recount.packets, truth.get("packets").asLong());
        assertEquals(recount.bytes, truth.get("bytes").asLong());
        assertEquals(recount.nlbs.size(), truth.get("nlbs").size());
        for (JsonNode nlb : truth.get("nlbs").values()) {
            recount.assertEqualTo(nlb);
        }
        assertEquals(
                scenario.name().toLowerCase(Locale.ROOT), truth.get("scenario").asString());
        assertEquals(7, truth.get("seed").asLong());
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void sameSeedWritesTheSamePackets(Scenario scenario) throws IOException {
        simulate(directory.resolve("a"), "--packets", 3_000, "--seed", 5, "--scenario", scenario);
        simulate(directory.resolve("b"), "--packets", 3_000, "--seed", 5, "--scenario", scenario);
        simulate(directory.resolve("c"), "--packets", 3_000, "--seed", 6, "--scenario", scenario);

        assertEquals(packets(directory.resolve("a")), packets(directory.resolve("b")));
        assertFalse(packets(directory.resolve("a")).equals(packets(directory.resolve("c"))));
    }

    @Test
    void spoofedSourcesAreAllDistinctUntilEachHadItsTurn() throws IOException {
        Path file = directory.resolve("log");

        JsonNode truth =
                simulate(file, "--packets", 100_000, "--sources", 100_000, "--scenario", "spoofed", "--seed", 3);

        assertEquals(100_000, truth.at("/nlbs/0/sources").asLong());
        assertEquals(1, truth.at("/nlbs/0/topSources/0/packets").asLong());
        assertEquals(
                100_000,
                Files.readAllLines(file).stream()
                        .filter(line -> line.contains(" calico-packet: "))
                        .map(line -> line.replaceAll(".* SRC=(\\S+) .*", "$1"))
                        .distinct()
                        .count());
    }

    @Test
    void everySourceHasItsOwnAddress() {
        SourceAddresses addresses = new SourceAddresses(11, SourceAddresses.MAX);
        BitSet seenLow = new BitSet();
        BitSet seenHigh = new BitSet();
        for (int source = 0; source < SourceAddresses.MAX; source++) {
            int address = addresses.ipv4(source);
            BitSet seen = address < 0 ? seenHigh : seenLow;
            int index = address & Integer.MAX_VALUE;
            if (seen.get(index)) {
                throw new AssertionError("seed 11: source " + source + " shares its address");
            }
            seen.set(index);
        }
        assertEquals(SourceAddresses.MAX, seenLow.cardinality() + seenHigh.cardinality());
    }

    @Test
    void rotationKeepsEachLine() throws IOException {
        Path whole = directory.resolve("whole");
        Path rotated = directory.resolve("rotated");

        simulate(whole, "--packets", 3_000);
        simulate(rotated, "--packets", 3_000, "--rotate-bytes", Files.size(whole) / 4);

        List<String> lines = new ArrayList<>();
        assertTrue(Files.exists(Path.of(rotated + ".3")));
        for (String ending : List.of(".4", ".3", ".2", ".1", "")) {
            Path file = Path.of(rotated + ending);
            lines.addAll(Files.exists(file) ? packets(file) : List.of());
        }
        assertEquals(packets(whole), lines);
    }

    @Test
    void keepsFourRotatedFiles() throws IOException {
        Path file = directory.resolve("log");

        simulate(file, "--packets", 3_000, "--rotate-bytes", 20_000);

        assertTrue(Files.exists(Path.of(file + ".4")));
        assertFalse(Files.exists(Path.of(file + ".5")));
        assertTrue(Files.readString(Path.of(file + ".4")).endsWith("\n"));
    }

    @Test
    void appendsToWhatIsThere() throws IOException {
        Path file = Files.writeString(directory.resolve("log"), "before\n");

        simulate(file, "--packets", 10);

        assertTrue(Files.readString(file).startsWith("before\n2026-"));
    }

    @Test
    void writesAtTheRateAskedForUntilStopped() throws IOException {
        Path file = directory.resolve("log");
        TestWorld world = new TestWorld().stoppingAfter(100); // of 10 ms each

        assertEquals(0, world.run("simulate", "--output", file, "--rate", 5_000), world::err);

        JsonNode truth = JSON.readTree(world.out());
        long lines = truth.get("lines").asLong();
        assertTrue(lines >= 4_950 && lines <= 5_000, () -> lines + " lines in a second");
        assertEquals(lines, Files.readAllLines(file).size());
        assertEquals(1.0, truth.get("seconds").asDouble(), 0.001);
    }

    @Test
    void saysInOneLineWhyItCannotWrite() {
        TestWorld inDirectory = new TestWorld();
        assertEquals(1, inDirectory.run("simulate", "--output", directory));
        assertEquals(
                "denywatch simulate: --output: " + directory + " is a directory; allowed: a file",
                inDirectory.err().strip());

        TestWorld withoutParent = new TestWorld();
        Path file = directory.resolve("missing/log");
        assertEquals(1, withoutParent.run("simulate", "--output", file));
        assertEquals(
                "denywatch simulate: --output: " + file + " cannot be created: " + file.getParent()
                        + " is not an existing directory",
                withoutParent.err().strip());
    }
}
