package io.denywatch.agent;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.command.TestWorld;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.config.Settings;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableRoomTest {
    private static final long MIB = 1 << 20;

    private static Configuration configuration(String... settings) {
        ProcessContext world =
                new TestWorld().withEnvironment(Map.of("NODE_NAME", "n")).world();
        return ConfigurationReader.read(Settings.read(null, List.of(settings)), world);
    }

    /** The launcher's heap, without the space that the collector keeps empty. */
    private static long launcherHeap() throws IOException {
        Matcher heap = Pattern.compile("agent\\) memory='-Xmx([0-9]+)m'")
                .matcher(Files.readString(Path.of("src/image/bin/denywatch")));
        assertTrue(heap.find());
        return Long.parseLong(heap.group(1)) * MIB * 29 / 30;
    }

    @Test
    void theDefaultTablesFitWithEverythingSwitchedOn() throws IOException {
        long heap = launcherHeap();

        assertDoesNotThrow(() -> TableRoom.check(configuration(), heap));
        assertDoesNotThrow(() ->
                TableRoom.check(configuration("loadBalancers.discover=kubernetes", "blocklist.mode=enforce"), heap));
    }

    @ParameterizedTest
    @CsvSource({"65536, 256", "1024, 4096", "8192, 256", "65536, 4096"})
    void largeTablesAreRefusedWithTheHeapThatTheyNeed(int tracked, int loadBalancers) throws IOException {
        Configuration large =
                configuration("sources.trackedPerLoadBalancer=" + tracked, "loadBalancers.max=" + loadBalancers);
        long heap = launcherHeap();

        CommandFailure refusal = assertThrows(CommandFailure.class, () -> TableRoom.check(large, heap));

        String message = String.valueOf(refusal.getMessage());
        assertTrue(
                message.startsWith("sources.trackedPerLoadBalancer: " + tracked + " with loadBalancers.max "
                        + loadBalancers + " is not allowed in a heap of "),
                message);
        Matcher asked = Pattern.compile("-Xmx([0-9]+)m").matcher(message);
        assertTrue(asked.find(), message);
        long enough = Long.parseLong(asked.group(1)) * MIB * 29 / 30;
        assertDoesNotThrow(() -> TableRoom.check(large, enough));
        assertThrows(CommandFailure.class, () -> TableRoom.check(large, enough * 95 / 100));
    }

    @Test
    void theTablesAreByFarTheLargestPart() {
        Configuration large = configuration("sources.trackedPerLoadBalancer=65536");

        double bytes = TableRoom.heapBytes(large);
        assertEquals(257L * 65_536 * 69 * 1.2, bytes, 0.05 * bytes);
    }

    @Test
    void anAgentEndsBeforeItReadsALine() {
        TestWorld world = new TestWorld();

        assertEquals(
                2,
                world.run(
                        "agent",
                        "--set",
                        "sources.trackedPerLoadBalancer=65536",
                        "--set",
                        "loadBalancers.max=4096",
                        "--set",
                        "http.listen=127.0.0.1:0"));
        assertTrue(world.err().contains("is not allowed in a heap of"), world::err);
        assertEquals(1, world.err().lines().count(), world::err);
    }
}
