package io.denywatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.denywatch.command.TestWorld;
import io.denywatch.ingest.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OwnCommandTest {
    private static final String AGENT = "65532:65532";
    private static final int HANG_SECONDS = 300;

    @TempDir
    private Path node = Path.of("");

    private Path state = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        state = Files.createDirectory(node.resolve("denywatch"));
    }

    private static String ownerOf(Path path) throws IOException {
        return Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS) + ":"
                + Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS);
    }

    private static void give(Path path, int owner) throws IOException {
        Files.setAttribute(path, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", owner, LinkOption.NOFOLLOW_LINKS);
    }

    private String itself() throws IOException {
        return ownerOf(node);
    }

    private record Ended(int code, String said) {}

    /** As in the chart's init container: root, with one capability. */
    private static Ended asRootThatMayChown(Path directory) throws IOException, InterruptedException {
        assumeTrue(
                ownerOf(Path.of("/proc/self")).startsWith("0:") && Files.isExecutable(Path.of("/usr/bin/setpriv")),
                "takes root and setpriv");
        Path said = Files.createTempFile("own-command", ".log");
        Process process = new ProcessBuilder(
                        "/usr/bin/setpriv",
                        "--reuid=0",
                        "--regid=0",
                        "--clear-groups",
                        "--bounding-set=-all,+chown",
                        "--inh-caps=-all",
                        "--no-new-privs",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.denywatch.Main",
                        OwnCommand.NAME,
                        directory.toString(),
                        AGENT)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertTrue(process.waitFor(HANG_SECONDS, TimeUnit.SECONDS), "hangs");
        String text = Files.readString(said);
        Files.delete(said);
        return new Ended(process.exitValue(), text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, rwxr-xr-x",
        "0, rwx------",
        "65532, rwx------",
        "65532, rwxr-xr-x",
        "1000, rwx------",
        "65532, r-x------",
        "65532, ---------"
    })
    void rootWithOneCapabilityGivesAwayWhateverItFinds(int owner, String mode)
            throws IOException, InterruptedException {
        for (String file : Checkpoint.FILES) {
            Path path = Files.writeString(state.resolve(file), "x");
            give(path, file.endsWith("lock") ? 0 : owner);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        }
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString(mode));
        give(state, owner);

        Ended ended = asRootThatMayChown(state);

        assertEquals(0, ended.code(), ended.said());
        assertEquals(AGENT, ownerOf(state));
        for (String file : Checkpoint.FILES) {
            assertEquals(AGENT, ownerOf(state.resolve(file)));
        }
        assertEquals("rwx" + mode.substring(3), PosixFilePermissions.toString(Files.getPosixFilePermissions(state)));
    }

    @Test
    void nothingIsGivenAwayThatIsNotTheAgents() throws IOException, InterruptedException {
        Path secret = Files.writeString(node.resolve("shadow"), "secret");
        Path checkpoint = Files.writeString(state.resolve("checkpoint"), "x");
        Files.createSymbolicLink(state.resolve("checkpoint.new"), secret);
        give(state, 65532);

        Ended ended = asRootThatMayChown(state);

        assertEquals(1, ended.code());
        assertTrue(ended.said().contains("checkpoint.new is not allowed there"), ended::said);
        assertEquals(List.of("0:0", "0:0", AGENT), List.of(ownerOf(secret), ownerOf(checkpoint), ownerOf(state)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "directory", "link", "hard link", "known directory"})
    void refusesWhereAnythingElseLies(String what) throws IOException {
        Path outside = Files.writeString(node.resolve("outside"), "x");
        List<Path> made = new ArrayList<>();
        switch (what) {
            case "file" -> made.add(Files.writeString(state.resolve("meta.db"), "x"));
            case "directory" -> made.add(Files.createDirectory(state.resolve("pods")));
            case "link" -> made.add(Files.createSymbolicLink(state.resolve("checkpoint"), outside));
            case "hard link" -> made.add(Files.createLink(state.resolve("checkpoint"), outside));
            default -> made.add(Files.createDirectory(state.resolve("checkpoint")));
        }
        TestWorld world = new TestWorld();

        assertEquals(1, world.run(OwnCommand.NAME, state.toString(), itself()));
        assertTrue(world.err().contains(made.getFirst().getFileName() + " is not allowed there"), world::err);
        assertEquals(1, world.err().lines().count(), world::err);
    }

    @Test
    void whatIsRightStaysAsItIs() throws IOException {
        Files.writeString(state.resolve("checkpoint"), "x");
        TestWorld world = new TestWorld();

        assertEquals(0, world.run(OwnCommand.NAME, state.toString(), itself()), world::err);
        assertEquals("", world.out() + world.err());
    }

    @Test
    void closesTheDirectoryToOthersFirst() throws IOException {
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertEquals(0, new TestWorld().run(OwnCommand.NAME, state.toString(), itself()));
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(state)));
    }

    @Test
    void refusesWhatIsNoDirectoryOfItsOwn() throws IOException {
        Path link = Files.createSymbolicLink(node.resolve("denywatch-link"), state);
        Path file = Files.writeString(node.resolve("denywatch-file"), "x");
        for (Path path : List.of(link, file, node.resolve("denywatch-missing"))) {
            TestWorld world = new TestWorld();
            assertEquals(1, world.run(OwnCommand.NAME, path.toString(), itself()));
            assertTrue(world.err().contains("is no directory"), world::err);
        }
        for (String path : List.of("/var/lib", "/", node.toString(), state + "/..", state + "/../other")) {
            TestWorld world = new TestWorld();
            assertEquals(2, world.run(OwnCommand.NAME, path, itself()));
            assertTrue(world.err().contains("allowed: a directory whose name begins with denywatch"), world::err);
        }
        for (String owner : List.of("root", "1", "1:", "-1:1", "99999999999:1")) {
            TestWorld world = new TestWorld();
            assertEquals(2, world.run(OwnCommand.NAME, "--", state.toString(), owner), owner);
        }
    }
}
