package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChownCommandTest {
    @TempDir
    private Path directory = Path.of("");

    private static Map<String, Object> owner(Path path) throws IOException {
        return Files.readAttributes(path, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void givesTheDirectoryAndItsFilesAwayAndNothingThatLinksMean() throws IOException {
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "");
        Assumptions.assumeTrue(Integer.valueOf(0).equals(owner(elsewhere).get("uid")), "only root can give files away");
        Path state = Files.createDirectory(directory.resolve("state"));
        Path file = Files.writeString(state.resolve("checkpoint"), "");
        Path link = Files.createSymbolicLink(state.resolve("link"), elsewhere);
        TestWorld world = new TestWorld();

        assertEquals(0, world.run("chown", "65532:4", state), world::err);

        Map<String, Object> given = Map.of("uid", 65_532, "gid", 4);
        assertEquals(given, owner(state));
        assertEquals(given, owner(file));
        assertEquals(given, owner(link));
        assertEquals(0, owner(elsewhere).get("uid"));
        assertEquals(0, world.run("chown", "0:0", state), world::err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "65532", "agent:agent", "a:0", "0:4294967295", "99999999999:0", "1:2:3"})
    void takesNumbersOnly(String owner) {
        TestWorld world = new TestWorld();

        assertEquals(2, world.run("chown", owner, directory));
        assertTrue(world.err().contains("is not allowed; allowed: UID:GID"), world::err);
    }

    @Test
    void saysWhatIsNoDirectory() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
        TestWorld world = new TestWorld();

        assertEquals(1, world.run("chown", "0:0", directory.resolve("missing")));
        assertTrue(world.err().contains("missing: is no directory"), world::err);
        assertEquals(1, world.run("chown", "0:0", link));
    }

    /** It is the chart's, not people's. */
    @Test
    void isNotOfferedToPeople() {
        TestWorld world = new TestWorld();
        world.run("nonsense");
        world.run("--help");

        assertFalse((world.err() + world.out()).contains("chown"), () -> world.err() + world.out());
    }
}
