package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.config.Setting;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramTest {
    @ParameterizedTest
    @ValueSource(strings = {"agent", "parse", "replay", "simulate", "top", "doctor"})
    void eachCommandHasHelp(String command) {
        TestWorld world = new TestWorld();

        assertEquals(0, world.run(command, "--help"));
        assertTrue(world.out().startsWith("Usage: denywatch " + command), world.out());
        assertEquals("", world.err());
    }

    @Test
    void rootHelpNamesEachCommand() {
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("--help"));
        for (String command : List.of("agent", "parse", "replay", "simulate", "top", "doctor")) {
            assertTrue(world.out().contains("  " + command + " "), world.out());
        }
    }

    @Test
    void agentHelpExplainsEachSetting() {
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("agent", "--help"));
        for (Setting setting : Setting.values()) {
            assertTrue(world.out().contains("  " + setting.key() + " (default: "), setting.key());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "agent", "parse", "replay", "simulate", "top", "doctor"})
    void saysItsVersion(String command) {
        TestWorld world = new TestWorld();

        assertEquals(0, command.isEmpty() ? world.run("--version") : world.run(command, "--version"));
        assertTrue(world.out().strip().matches("denywatch \\S+ \\(\\S+, Java \\d+\\)"), world.out());
    }

    @Test
    void refusesToRunNothing() {
        TestWorld world = new TestWorld();

        assertEquals(2, world.run());
        assertTrue(world.err().startsWith("Usage: denywatch"), world.err());
        assertEquals("", world.out());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "agnt",
                "--nonsense",
                "simulate",
                "simulate --output /x --packets many",
                "simulate --output /x --packets 0",
                "simulate --output /x --sources 16777217",
                "simulate --output /x --rate -1",
                "simulate --output /x --rotate-bytes 1",
                "simulate --output /x --scenario storm",
                "replay",
                "replay --output xml /dev/null",
                "replay --set sources.ipv6PrefixLength=129 /dev/null",
                "parse --timezone Mars/Olympus",
                "doctor --output xml",
                "doctor --root /dev/null",
                "doctor --set source.kind=smoke",
                "doctor surplus",
                "agent --config",
                "agent --set nonsense",
                "agent surplus"
            })
    void refusesWrongUsageInOneLine(String line) {
        TestWorld world = new TestWorld();

        assertEquals(2, world.run((Object[]) line.split(" ", -1)), line);
        assertEquals(1, world.err().lines().count(), world.err());
        assertEquals("", world.out());
    }
}
