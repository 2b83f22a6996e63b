package io.denywatch.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What else may lie in the log's directory. */
class FileTailDirectoryTest extends FileTailCase {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private static long descriptorsOn(Path file) throws IOException {
        try (Stream<Path> open = Files.list(DESCRIPTORS)) {
            return open.filter(descriptor -> means(descriptor, file)).count();
        }
    }

    private static boolean means(Path descriptor, Path file) {
        try {
            return Files.readSymbolicLink(descriptor).equals(file);
        } catch (IOException _) {
            return false; // closed since it was listed
        }
    }

    /** As gzip leaves it when the disk is full. */
    private Path damagedCopy(int number) throws IOException {
        return Files.createFile(log.compressed(number));
    }

    @Test
    void followsARotationBesideADamagedCompressedFile() throws IOException {
        log.append("old\n");
        log.rotate();
        log.append(LONG + "1\n");
        assertRead(LONG + "1");
        damagedCopy(3);
        log.rename();
        log.append(LONG + "2\n");
        assertRead(LONG + "2");
        assertTrue(tail.snapshot().readable(), tail.snapshot().problem());
    }

    @Test
    void readsOnWhereTheOldFileIsGoneAndACompressedOneIsDamaged() throws IOException {
        log.append(LONG + "0\n");
        log.rotate();
        log.append(LONG + "1\n");
        assertRead(LONG + "1");
        Path damaged = damagedCopy(3);
        Files.delete(log.path());
        log.append(LONG + "2\n");
        assertRead(LONG + "2");
        assertGaps("rotated_unreadable", 1);
        assertEquals(0, descriptorsOn(damaged));
        log.rename();
        log.append(LONG + "3\n");
        assertRead(LONG + "3");
        assertGaps("rotated_unreadable", 1);
    }

    @Test
    void startsOverAfterATruncationBesideADamagedCompressedFile() throws IOException {
        log.append(LONG + "0\n");
        assertRead(LONG + "0");
        Path damaged = damagedCopy(3);
        log.copyTruncate();
        log.append("2\n");
        assertRead("2");
        assertGaps("rotated_unreadable", 1);
        assertEquals(0, descriptorsOn(damaged));
    }

    @Test
    void closesAFileThatCanBeOpenedButNotRead() throws IOException {
        Path unreadable = Path.of("/sys/class/net/lo/speed").toRealPath(); // EINVAL: a loopback has none
        Files.createSymbolicLink(log.path(), unreadable);
        tail.close();
        tail = new FileTail(log.path(), FileTail.Start.END);
        waitFor(5_000);
        assertTrue(
                tail.snapshot().problem().contains("Invalid argument"),
                tail.snapshot().problem());
        assertEquals(0, descriptorsOn(unreadable));
    }

    @Test
    void followsRotationsWhereARotatedNameIsALinkToItself() throws IOException {
        Files.createSymbolicLink(log.rotated(7), log.rotated(7).getFileName());
        log.append("1\n");
        assertRead("1");
        log.rotate();
        log.append("2\n");
        log.rotate();
        log.append("3\n");
        assertRead("2", "3");
        assertNothingLost();
    }

    @Test
    void readsTheFilesOfRotationsDatedBehindADotThatItDidNotSee() throws IOException {
        log.append(LONG + "1\n");
        assertRead(LONG + "1");
        byte[] saved = save();
        for (int day = 24; day <= 26; day++) {
            Files.move(log.path(), log.path().resolveSibling("syslog.202611" + day));
            log.append(LONG + "of " + day + "\n");
        }
        now = System.currentTimeMillis() + 1_000;
        restart(saved);
        assertRead(LONG + "of 24", LONG + "of 25", LONG + "of 26");
        assertNothingLost();
    }

    @Test
    void waitsForADirectoryThatIsNotThereYet() throws IOException {
        now = System.currentTimeMillis();
        log.append(LONG + "1\n");
        assertRead(LONG + "1");
        byte[] saved = save();
        Path directory = log.path().resolveSibling("");
        Path elsewhere = Path.of(directory + "-elsewhere");
        Files.move(directory, elsewhere, StandardCopyOption.ATOMIC_MOVE);
        restart(saved);
        tail.poll(handler, now);
        assertTrue(!tail.snapshot().readable());
        Files.move(elsewhere, directory, StandardCopyOption.ATOMIC_MOVE);
        log.append(LONG + "2\n");
        assertRead(LONG + "2");
        assertNothingLost();
    }
}
