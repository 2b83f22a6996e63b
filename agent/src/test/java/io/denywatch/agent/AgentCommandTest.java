package io.denywatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.command.TestWorld;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentCommandTest {
    @TempDir
    private Path directory = Path.of("");

    private Object[] agent(String... settings) {
        List<String> arguments = new ArrayList<>(List.of("agent"));
        arguments.addAll(List.of("--set", "checkpoint.directory=" + directory.resolve("state")));
        for (String setting : settings) {
            arguments.addAll(List.of("--set", setting));
        }
        return arguments.toArray();
    }

    @Test
    void runsWithoutLogFileAndStopsWhenAsked() {
        TestWorld world = new TestWorld().stoppingAfter(1);

        int code = world.run(agent("source.path=" + directory.resolve("none"), "http.listen=127.0.0.1:0"));

        assertEquals(0, code, world::err);
    }

    @Test
    void runsOnTheKernelsLogWhetherOrNotItMayReadIt() {
        TestWorld world = new TestWorld().stoppingAfter(1);

        assertEquals(0, world.run(agent("source.kind=kmsg", "http.listen=127.0.0.1:0")), world::err);
    }

    @Test
    void learnsTheOffsetAlsoWhereTheSystemsZoneHasDaylightSaving() {
        TimeZone before = TimeZone.getDefault();
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
        try {
            TestWorld world = new TestWorld().stoppingAfter(1);

            int code = world.run(agent("source.path=" + directory.resolve("none"), "http.listen=127.0.0.1:0"));

            assertEquals(0, code, world::err);
        } finally {
            TimeZone.setDefault(before);
        }
    }

    @Test
    void saysThatThePortIsInUse() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            TestWorld world = new TestWorld().stoppingAfter(1);
            String listen = "127.0.0.1:" + other.getLocalPort();

            assertEquals(1, world.run(agent("http.listen=" + listen)));

            assertTrue(
                    world.err().startsWith("denywatch agent: http.listen: can't listen on " + listen + ": "),
                    world.err());
            assertEquals(1, world.err().lines().count());
        }
    }
}
