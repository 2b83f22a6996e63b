package io.denywatch.tail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.LogFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
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
 * <p>With restarts, a tail is thrown away and another goes on from what was saved last: lines that were read since then
 * come again, and those that were read before do not. What was deleted or emptied between reading and saving is lost.
 *
 * <p>An unreadable log is a directory in its place, since nothing is denied to root.
 */
class FileTailModelTest {
    private static final int PROGRAMS = 60;
    private static final int STEPS = 120;
    private static final Pattern LINE = Pattern.compile("<(\\d+) x*>");
    private static final Pattern BEGINNING = Pattern.compile("<(\\d+) ");

    /** Forms of names of rotated files, besides numbers; each program has one, as a configuration does. */
    private static final List<String> ODD_NAMES = List.of("", "syslog_%d", "syslog-week%d", "archive/syslog.%d");

    private static final Set<Action> OF_COPIES =
            EnumSet.of(Action.COPY_BESIDE, Action.COPY_AWAY, Action.COPY_BACK, Action.TOUCH, Action.CREATE);

    private static final List<Action> ALL = List.copyOf(EnumSet.complementOf(EnumSet.copyOf(OF_COPIES)));
    private static final List<Action> LOSSLESS =
            without(Action.COPY_TRUNCATE, Action.TRUNCATE, Action.RESTART, Action.SAVE);
    private static final List<Action> UNINTERRUPTED = without(Action.RESTART, Action.SAVE);
    private static final List<Action> LOSSLESS_WITH_RESTARTS =
            without(Action.COPY_TRUNCATE, Action.TRUNCATE, Action.DELETE);

    private static final List<Action> COPIES =
            Stream.concat(LOSSLESS_WITH_RESTARTS.stream(), OF_COPIES.stream()).toList();

    private static List<Action> without(Action first, Action... rest) {
        EnumSet<Action> left = EnumSet.complementOf(EnumSet.of(first, rest));
        left.removeAll(OF_COPIES);
        return List.copyOf(left);
    }

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
        TRUNCATE,
        COMPRESS,
        SAVE,
        RESTART,
        COPY_BESIDE,
        COPY_AWAY,
        COPY_BACK,
        TOUCH,
        CREATE
    }

    /** Lines are numbered in the order of their times. */
    private static long micros(byte[] buffer, int offset, int length) {
        Matcher line = BEGINNING.matcher(new String(buffer, offset, length, ISO_8859_1));
        return line.lookingAt() ? Integer.parseInt(line.group(1)) * 60_000_000L : LineClock.NO_TIME;
    }

    /** Copies anywhere, names and times of any kind, links: what is missing was destroyed, or a gap was counted. */
    @Test
    void countsNothingTwiceAndLosesNothingSilentlyWhateverIsCopied(@TempDir Path directory) throws IOException {
        int lost = 0;
        int written = 0;
        for (int seed = 0; seed < 2 * PROGRAMS; seed++) {
            Path place = Files.createDirectory(directory.resolve("c" + seed));
            Program program = new Program(place, seed, FileTailModelTest::micros, seed % 3 == 0);
            program.run(COPIES);
            BitSet missing = program.missing();
            missing.andNot(program.destroyed);
            missing.andNot(program.unsavedWhenDestroyed);
            assertTrue(
                    missing.isEmpty() || program.gaps > 0,
                    "missing without a gap " + missing + ", seed " + seed + ": " + program.history);
            lost += missing.cardinality();
            written += program.written.cardinality();
        }
        assertTrue(lost < written / 2, "too much is missing to prove anything: " + lost + " of " + written);
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
            program.run(UNINTERRUPTED);
            BitSet missing = program.missing();
            missing.andNot(program.destroyed);
            assertTrue(missing.isEmpty(), "missing " + missing + ", seed " + seed + ": " + program.history);
            truncated += program.truncations;
        }
        assertTrue(truncated > PROGRAMS, "too few truncations to prove anything: " + truncated);
    }

    @Test
    void goesOnAfterARestartWhereItWasSaved(@TempDir Path directory) throws IOException {
        int compressed = 0;
        for (int seed = 0; seed < PROGRAMS; seed++) {
            Program program = new Program(Files.createDirectory(directory.resolve("s" + seed)), seed);
            program.run(LOSSLESS_WITH_RESTARTS);
            BitSet missing = program.missing();
            assertTrue(missing.isEmpty(), "missing " + missing + ", seed " + seed + ": " + program.history);
            compressed += program.compressed;
        }
        assertTrue(compressed > PROGRAMS, "too few compressed files to prove anything: " + compressed);
    }

    @Test
    void losesOnlyWhatWasDestroyedBeforeItWasReadAndSaved(@TempDir Path directory) throws IOException {
        for (int seed = 0; seed < PROGRAMS; seed++) {
            Program program = new Program(Files.createDirectory(directory.resolve("d" + seed)), seed);
            program.run(ALL);
            BitSet missing = program.missing();
            missing.andNot(program.destroyed);
            missing.andNot(program.unsavedWhenDestroyed);
            assertTrue(missing.isEmpty(), "missing " + missing + ", seed " + seed + ": " + program.history);
        }
    }

    /** One program, its directory, and the model of what must be read. */
    private static final class Program {
        private final Random random;
        private final String name;
        private final LogFile log;
        private FileTail tail;
        private final List<Action> history = new ArrayList<>();
        private final BitSet written = new BitSet();
        private final BitSet read = new BitSet();
        private final BitSet destroyed = new BitSet();
        /** Lines read and saved, and what was saved with them; nothing as long as that is empty. */
        private BitSet savedRead = new BitSet();

        private byte[] saved = {};
        /** Lines that can't be read again, and were not saved when that became so. */
        private final BitSet unsavedWhenDestroyed = new BitSet();
        /** Lines in the writer's file since it was last empty. */
        private final BitSet generation = new BitSet();

        private FileChannel writer;
        private Object writerKey;
        private String rest = "";
        private int next;
        /** Ahead of the system's clock, which files have their times from. */
        private long aheadMillis;

        private int truncations;
        private int rotations;
        private int compressed;
        private boolean writesToDeleted;
        /** Whether bytes of the writer's file have been read since it was last empty. */
        private boolean generationBegun;

        private final LineClock clock;
        private final Path link;
        private final String oddName;
        private Object copiedKey = "none";
        private BitSet copied = new BitSet();
        private boolean repeating;
        private long gaps;

        Program(Path directory, int seed) throws IOException {
            this(directory, seed, LineClock.NONE, false);
        }

        Program(Path directory, int seed, LineClock clock, boolean linked) throws IOException {
            random = new Random(seed);
            name = "seed " + seed;
            log = new LogFile(directory.resolve("syslog"));
            this.clock = clock;
            link = linked ? Files.createDirectory(directory.resolve("links")).resolve("log") : log.path();
            if (linked) {
                Files.createSymbolicLink(link, log.path());
            }
            Files.createDirectory(directory.resolve("archive"));
            oddName = clock.equals(LineClock.NONE) ? "" : ODD_NAMES.get(seed % ODD_NAMES.size());
            // Older than its first change by more than a tick of the clock, as any directory of logs is.
            Files.setLastModifiedTime(directory, FileTime.fromMillis(0));
            tail = new FileTail(link, FileTail.Start.END, clock);
            writer = open();
            writerKey = key();
            poll();
            save();
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
            gaps = tail.snapshot().gaps().entrySet().stream()
                    .filter(gap -> !gap.getKey().equals("torn_line"))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
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
                        rename();
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
                    destroyedUnlessSaved();
                    writesToDeleted = Files.deleteIfExists(log.path()) || writesToDeleted;
                }
                case SWAP_DIRECTORY -> {
                    if (isFile) {
                        rename();
                    }
                    if (Files.notExists(log.path())) {
                        Files.createDirectory(log.path());
                    }
                }
                case COPY_TRUNCATE -> truncate(true);
                case TRUNCATE -> truncate(false);
                case COMPRESS -> compress();
                case SAVE -> save();
                case RESTART -> restart();
                case COPY_BESIDE -> {
                    if (isFile) {
                        Files.copy(log.path(), log.path().resolveSibling(beside()), REPLACE_EXISTING);
                    }
                }
                case COPY_AWAY -> {
                    if (isFile && writerKey.equals(key())) {
                        Files.copy(log.path(), away(), REPLACE_EXISTING);
                        copiedKey = key();
                        copied = (BitSet) generation.clone();
                    }
                }
                case COPY_BACK -> {
                    if (isFile && copiedKey.equals(key())) {
                        copyBack();
                    }
                }
                case TOUCH -> touch();
                case CREATE -> {
                    if (Files.notExists(log.path())) {
                        Files.createFile(log.path());
                    }
                }
            }
        }

        private String beside() {
            return List.of("syslog.bak", "syslog~", "syslog.99", "syslog-20200101", "syslog-30.11.2026")
                    .get(random.nextInt(5));
        }

        private Path away() {
            return log.path().resolveSibling("on-disk");
        }

        /** As when the power is lost and the directory of logs was in memory. */
        private void copyBack() throws IOException {
            poll();
            BitSet rest = (BitSet) generation.clone();
            rest.andNot(copied);
            rest.andNot(savedRead);
            unsavedWhenDestroyed.or(rest);
            copiedKey = "none";
            Files.move(away(), log.path(), REPLACE_EXISTING);
            generation.clear();
            generation.or(copied);
            reopen();
        }

        private void touch() throws IOException {
            long[] times = {0, System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000};
            try (DirectoryStream<Path> files =
                    Files.newDirectoryStream(log.path().resolveSibling(""), "syslog*")) {
                for (Path file : files) {
                    if (random.nextInt(3) == 0 && !file.equals(log.path())) {
                        Files.setLastModifiedTime(file, FileTime.fromMillis(times[random.nextInt(3)]));
                    }
                }
            }
        }

        /** Renames the log as this program's configuration has it. */
        private void rename() throws IOException {
            if (oddName.isEmpty()) {
                log.rename();
            } else {
                Files.move(log.path(), oddly(++rotations, ""));
            }
        }

        private Path oddly(int rotation, String extension) {
            return log.path().resolveSibling(oddName.formatted(1_000_000_000 + rotation) + extension);
        }

        private void compressOddly() throws IOException {
            for (int rotation = 1; rotation < rotations; rotation++) {
                Path file = oddly(rotation, "");
                if (Files.exists(file) && !Files.getAttribute(file, "unix:ino").equals(writerKey)) {
                    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(oddly(rotation, ".gz")))) {
                        Files.copy(file, out);
                    }
                    Files.delete(file);
                    compressed++;
                    return;
                }
            }
        }

        private void compress() throws IOException {
            if (!oddName.isEmpty()) {
                compressOddly();
                return;
            }
            for (int number = 2; number < 4; number++) {
                Path file = log.rotated(number);
                // Of a file that is still written to, logrotate would destroy what comes next.
                if (Files.exists(file) && !Files.getAttribute(file, "unix:ino").equals(writerKey)) {
                    log.compress(number);
                    compressed++;
                }
            }
        }

        private void save() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            tail.save(new DataOutputStream(bytes));
            tail.saved();
            saved = bytes.toByteArray();
            savedRead = (BitSet) read.clone();
        }

        private void restart() throws IOException {
            tail.close();
            tail = new FileTail(link, FileTail.Start.END, clock);
            tail.restore(new DataInputStream(new ByteArrayInputStream(saved)));
            read.clear();
            read.or(savedRead);
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
            if (writesToDeleted) {
                unsavedWhenDestroyed.set(number);
            }
        }

        private void destroyedUnlessSaved() {
            unsavedWhenDestroyed.or(generation);
            unsavedWhenDestroyed.andNot(savedRead);
        }

        private String text(int number) {
            return "<" + number + " " + "x".repeat(Fingerprint.EVIDENCE_BYTES + random.nextInt(300)) + ">\n";
        }

        private void rotate(boolean isFile) throws IOException {
            if (isFile) {
                rename();
            }
            reopen();
        }

        /** Opens the name again, as rsyslog does at a HUP. A line half written is never completed. */
        private void reopen() throws IOException {
            if (Files.isDirectory(log.path())) {
                Files.delete(log.path());
            }
            writer.close();
            writesToDeleted = false;
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
            destroyedUnlessSaved();
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
                aheadMillis += 1_000;
            }
            aheadMillis = 0;
            poll();
        }

        private void poll() throws IOException {
            do {
                tail.poll(handler, System.currentTimeMillis() + aheadMillis);
            } while (!tail.atEnd());
            generationBegun = writer.size() > 0;
        }

        private final LineHandler handler = new LineHandler() {
            @Override
            public void line(byte[] buffer, int offset, int length) {
                take(buffer, offset, length);
            }

            @Override
            public void linesMayRepeat() {
                repeating = true;
            }
        };

        private void take(byte[] buffer, int offset, int length) {
            Matcher line = LINE.matcher(new String(buffer, offset, length, ISO_8859_1));
            if (line.matches()) {
                int number = Integer.parseInt(line.group(1));
                repeating = repeating && number < read.length(); // as whoever counts takes it
                if (repeating) {
                    return;
                }
                assertTrue(written.get(number), "never written whole: " + number + ", " + name + ": " + history);
                assertEquals(false, read.get(number), "read twice: " + number + ", " + name + ": " + history);
                read.set(number);
            }
        }
    }
}
