package io.denywatch.tail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random programs of what writers, administrators and logrotate do, run on a real directory. The writer numbers its
 * lines and holds its file open as rsyslog does, until it is told to open the name again.
 *
 * <p>The oracle is the set of whole lines written. No line may come twice, and none may come that was not written whole
 * into one file. Without truncation each must come. With it, those may be missing that were in the emptied file and had
 * not been read: if a copy was made first, only where nothing had been read of the file, which then can't be known from
 * one to which nothing happened.
 *
 * <p>An unreadable log is a directory in its place, since nothing is denied to root.
 */
class FileTailModelTest {
    private static final int PROGRAMS = 60;
    private static final int STEPS = 120;
    private static final Pattern LINE = Pattern.compile("<(\\d+) x*>");

    private static final List<Action> ALL = List.of(Action.values());
    private static final List<Action> LOSSLESS =
            List.copyOf(EnumSet.complementOf(EnumSet.of(Action.COPY_TRUNCATE, Action.TRUNCATE)));

    private enum Action {
        APPEND,
        APPEND_PART,
        RENAME,
        REOPEN,
        ROTATE,
        ROTATE_TWICE,
        DELETE,
        SWAP_DIRECTORY,
        POLL,
        WAIT,
        COPY_TRUNCATE,
        TRUNCATE
    }

    @Test
    void readsEachLineOnceWhateverIsRenamedOrDeleted(@TempDir Path directory) throws IOException {
        for (int seed = 0; seed < PROGRAMS; seed++) {
            Program program = new Program(Files.createDirectory(directory.resolve("r" + seed)), seed);
            program.run(LOSSLESS);
            BitSet missing = program.missing();
            assertTrue(missing.isEmpty(), "missing " + missing + ", seed " + seed + ": " + program.history);
        }
    }

    @Test
    void losesOnlyWhatATruncationDestroyed(@TempDir Path directory) throws IOException {
        int truncated = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            Program program = new Program(Files.createDirectory(directory.resolve("t" + seed)), seed);
            program.run(ALL);
            BitSet missing = program.missing();
            missing.andNot(program.destroyed);
            assertTrue(missing.isEmpty(), "missing " + missing + ", seed " + seed + ": " + program.history);
            truncated += program.truncations;
        }
        assertTrue(truncated > PROGRAMS, "too few truncations to prove anything: " + truncated);
    }

    /** One program, its directory, and the model of what must be read. */
    private static final class Program {
        private final Random random;
        private final String name;
        private final LogFile log;
        private final FileTail tail;
        private final List<Action> history = new ArrayList<>();
        private final BitSet written = new BitSet();
        private final BitSet read = new BitSet();
        private final BitSet destroyed = new BitSet();
        /** Lines in the writer's file since it was last empty. */
        private final BitSet generation = new BitSet();

        private FileChannel writer;
        private Object writerKey;
        private String rest = "";
        private int next;
        private long now = 1_800_000_000_000L;
        private int truncations;
        /** Whether bytes of the writer's file have been read since it was last empty. */
        private boolean generationBegun;

        Program(Path directory, int seed) throws IOException {
            random = new Random(seed);
            name = "seed " + seed;
            log = new LogFile(directory.resolve("syslog"));
            tail = new FileTail(log.path(), FileTail.Start.END);
            writer = open();
            writerKey = key();
            poll();
        }

        void run(List<Action> actions) throws IOException {
            for (int i = 0; i < STEPS; i++) {
                Action action = actions.get(random.nextInt(actions.size()));
                history.add(action);
                perform(action);
            }
            reopen();
            append();
            poll();
            tail.close();
            writer.close();
        }

        BitSet missing() {
            BitSet missing = (BitSet) written.clone();
            missing.andNot(read);
            return missing;
        }

        private void perform(Action action) throws IOException {
            boolean isFile = Files.isRegularFile(log.path(), LinkOption.NOFOLLOW_LINKS);
            switch (action) {
                case APPEND -> append();
                case APPEND_PART -> appendPart();
                case POLL -> poll();
                case WAIT -> waitForQuiet();
                case REOPEN -> reopen();
                case RENAME -> {
                    if (isFile) {
                        log.rename();
                    }
                }
                case ROTATE -> rotate(isFile);
                case ROTATE_TWICE -> {
                    rotate(isFile);
                    append();
                    append();
                    rotate(Files.isRegularFile(log.path()));
                    append();
                }
                case DELETE -> {
                    // What was never looked at is lost with the file, for any reader.
                    poll();
                    Files.deleteIfExists(log.path());
                }
                case SWAP_DIRECTORY -> {
                    if (isFile) {
                        log.rename();
                    }
                    if (Files.notExists(log.path())) {
                        Files.createDirectory(log.path());
                    }
                }
                case COPY_TRUNCATE -> truncate(true);
                case TRUNCATE -> truncate(false);
            }
        }

        private void append() throws IOException {
            if (!rest.isEmpty()) {
                write(rest);
                rest = "";
                line(next++);
            }
            for (int i = random.nextInt(4); i >= 0; i--) {
                write(text(next));
                line(next++);
            }
        }

        private void appendPart() throws IOException {
            if (rest.isEmpty()) {
                String text = text(next);
                int cut = 1 + random.nextInt(text.length() - 2);
                write(text.substring(0, cut));
                rest = text.substring(cut);
            }
        }

        private void line(int number) {
            written.set(number);
            generation.set(number);
        }

        private String text(int number) {
            return "<" + number + " " + "x".repeat(random.nextInt(300)) + ">\n";
        }

        private void rotate(boolean isFile) throws IOException {
            if (isFile) {
                log.rename();
            }
            reopen();
        }

        /** Opens the name again, as rsyslog does at a HUP. A line half written is never completed. */
        private void reopen() throws IOException {
            if (Files.isDirectory(log.path())) {
                Files.delete(log.path());
            }
            writer.close();
            boolean isNew = Files.notExists(log.path());
            writer = open();
            writerKey = key();
            abandonPart();
            if (isNew) {
                generation.clear();
                generationBegun = false;
            } else if (writer.size() > 0 && endsTorn()) {
                write("\n");
            }
        }

        private boolean endsTorn() throws IOException {
            byte[] bytes = Files.readAllBytes(log.path());
            return bytes[bytes.length - 1] != '\n';
        }

        private void abandonPart() {
            if (!rest.isEmpty()) {
                rest = "";
                next++;
            }
        }

        private void truncate(boolean copied) throws IOException {
            // Only the file that is written to now: of an older one, the model does not know what was in it.
            if (!Files.isRegularFile(log.path()) || !writerKey.equals(key())) {
                return;
            }
            truncations++;
            if (copied) {
                log.copyTruncate();
            } else {
                log.truncate();
            }
            if (!copied || !generationBegun) {
                generation.andNot(read);
                destroyed.or(generation);
            }
            abandonPart();
            generation.clear();
            generationBegun = false;
        }

        private Object key() throws IOException {
            return Files.getAttribute(log.path(), "unix:ino");
        }

        private FileChannel open() throws IOException {
            return FileChannel.open(log.path(), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }

        private void write(String text) throws IOException {
            writer.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)));
        }

        private void waitForQuiet() throws IOException {
            for (int i = 0; i < 80; i++) {
                poll();
                now += 1_000;
            }
        }

        private void poll() throws IOException {
            do {
                tail.poll(this::take, now);
                now += 100;
            } while (!tail.atEnd());
            generationBegun = writer.size() > 0;
        }

        private void take(byte[] buffer, int offset, int length) {
            Matcher line = LINE.matcher(new String(buffer, offset, length, ISO_8859_1));
            if (line.matches()) {
                int number = Integer.parseInt(line.group(1));
                assertTrue(written.get(number), "never written whole: " + number + ", " + name + ": " + history);
                assertEquals(false, read.get(number), "read twice: " + number + ", " + name + ": " + history);
                read.set(number);
            }
        }
    }
}
