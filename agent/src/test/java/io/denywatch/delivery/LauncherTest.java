package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of the AOT caches the launcher starts Java with, told by a Java that prints what it is given. */
class LauncherTest {
    private static final Path LAUNCHER = Path.of("src/image/bin/denywatch");

    @TempDir
    private Path home;

    @BeforeEach
    void makeHome() throws IOException {
        Files.createDirectories(home.resolve("bin"));
        Files.createDirectories(home.resolve("app"));
        Files.copy(LAUNCHER, home.resolve("bin/denywatch"));
        Path java = Files.writeString(home.resolve("bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        assertTrue(java.toFile().setExecutable(true));
        Files.writeString(home.resolve("app/revision"), "abc1234\n");
        Files.createFile(home.resolve("app/alone.aot"));
        Files.createFile(home.resolve("app/in-cluster.aot"));
    }

    /** Runs it in the directory of the image; all that it says, errors too. */
    private List<String> run(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", home.resolve("bin/denywatch").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return said.lines().toList();
    }

    /** The cache; nothing may be said before Java says what it is given, nor behind the arguments. */
    private String cache(String... arguments) throws IOException, InterruptedException {
        List<String> said = run(arguments);
        String option = "-XX:AOTCache=" + home.toRealPath().resolve("app") + "/";
        assertTrue(said.getFirst().startsWith(option), () -> String.join("\n", said));
        assertEquals(List.of(arguments), said.subList(said.size() - arguments.length, said.size()));
        return said.getFirst().substring(option.length());
    }

    @ParameterizedTest
    @CsvSource({
        "alone.aot, agent",
        "alone.aot, agent --set loadBalancers.discover=any --set blocklist.mode=dry-run",
        "in-cluster.aot, agent --set loadBalancers.discover=kubernetes",
        "in-cluster.aot, agent --set blocklist.mode=enforce",
        "alone.aot, replay --set loadBalancers.discover=kubernetes x",
        "alone.aot, agent --config",
        "alone.aot, agent --config missing.yaml",
        "alone.aot, agent --config=missing.yaml",
        "alone.aot, agent --config app"
    })
    void choosesByTheArguments(String expected, String arguments) throws IOException, InterruptedException {
        assertEquals(expected, cache(arguments.split(" ")));
    }

    @ParameterizedTest
    @CsvSource({
        "in-cluster.aot, 'loadBalancers:\n  discover: kubernetes\n'",
        "in-cluster.aot, 'blocklist: {mode: enforce}\n'",
        "alone.aot, 'blocklist: {mode: dry-run}\n'",
        "alone.aot, '# mode: enforce\n'"
    })
    void choosesByTheFileThatTheArgumentsName(String expected, String yaml) throws IOException, InterruptedException {
        for (String name : List.of("denywatch.yaml", "-e")) {
            Files.writeString(home.resolve(name), yaml.replace("\\n", "\n"));
            assertEquals(expected, cache("agent", "--config", name), name);
            assertEquals(expected, cache("agent", "--config=" + name), name);
        }
    }

    @Test
    void startsWithoutACacheWhereThereIsNone() throws IOException, InterruptedException {
        Files.delete(home.resolve("app/alone.aot"));
        assertTrue(run("agent").stream().noneMatch(said -> said.contains("AOTCache")));
    }
}
