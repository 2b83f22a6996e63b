package io.denywatch.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ingest.Checkpoint.Opened;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock between real processes. */
class CheckpointLockTest {
    @TempDir
    private Path directory = Path.of("unset");

    /** Another agent: writes a record, says so, and holds on until it is killed. */
    static final class Holder {
        private Holder() {}

        /** The argument is the directory. */
        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws IOException {
            Checkpoint checkpoint = new Checkpoint(Path.of(arguments[0]), Checkpoint.SLOT_BYTES_MIN);
            checkpoint.open();
            checkpoint.write(new byte[] {4, 2}, 2, 1);
            System.out.write('!');
            System.out.flush();
            int waited = System.in.read();
            throw new IllegalStateException("read " + waited + " instead of being killed");
        }
    }

    private Process startHolder() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        String classes = String.join(File.pathSeparator, "target/classes", "target/test-classes");
        return new ProcessBuilder(
                        java.toString(), "-Xshare:auto", "-cp", classes, Holder.class.getName(), directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void isHeldByAnotherProcessUntilThatIsKilled() throws IOException, InterruptedException {
        Process holder = startHolder();
        try (Checkpoint checkpoint = new Checkpoint(directory, Checkpoint.SLOT_BYTES_MIN)) {
            assertArrayEquals("!".getBytes(US_ASCII), holder.getInputStream().readNBytes(1));
            Opened.Held held = assertInstanceOf(Opened.Held.class, checkpoint.open());
            assertTrue(held.problem().startsWith(directory + "/checkpoint.lock"), held.problem());
            assertEquals(0, checkpoint.failures());
            holder.destroyForcibly().waitFor();
            Opened.Intact found = assertInstanceOf(Opened.Intact.class, checkpoint.open());
            assertArrayEquals(new byte[] {4, 2}, found.payload());
            assertTrue(checkpoint.write(new byte[] {5}, 1, 2));
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }
}
