package io.denywatch.tail;

import io.denywatch.tail.RotatedFiles.Rotated;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the files of a log and what was written to them last. Stateless: any thread may use it. */
public final class LogFiles {
    /** A logger writes to the renamed file for some milliseconds until it is told to reopen the log. */
    private static final long REOPENING_NANOS = 1_000_000_000;

    private LogFiles() {}

    /**
     * The log and its rotated files, plain or compressed, the oldest first and the log itself last.
     *
     * @throws IOException if the directory cannot be listed
     */
    public static List<Path> of(Path log) throws IOException {
        List<Path> files = new ArrayList<>();
        new RotatedFiles(log).list().forEach(file -> files.add(file.path()));
        files.add(log);
        return files;
    }

    /**
     * The rotated file that a logger still writes to because it was not told to reopen the log: the log is empty, and
     * the file was written to long after the log was created.
     *
     * @throws IOException if the log or its directory cannot be examined
     */
    public static Optional<Path> stillWritten(Path log) throws IOException {
        if (Files.size(log) > 0) {
            return Optional.empty();
        }
        long tolerated = FileStatus.of(log).modifiedNanos() + REOPENING_NANOS;
        return new RotatedFiles(log)
                .list().stream()
                        .filter(file -> file.status().modifiedNanos() > tolerated)
                        .max(Comparator.comparingLong(file -> file.status().modifiedNanos()))
                        .map(Rotated::path);
    }

    /** The last bytes of the log. If the log is shorter, they begin in its newest rotated file. */
    public static byte[] lastBytes(Path log, int bytesMax) throws IOException {
        byte[] last = lastBytesOf(log, false, bytesMax);
        List<Rotated> rotated = last.length < bytesMax ? new RotatedFiles(log).list() : List.of();
        if (rotated.isEmpty()) {
            return last;
        }
        Rotated newest = rotated.getLast();
        byte[] before = lastBytesOf(newest.path(), true, bytesMax - last.length);
        byte[] both = Arrays.copyOf(before, before.length + last.length);
        System.arraycopy(last, 0, both, before.length, last.length);
        return both;
    }

    /** The last bytes of the log file alone. */
    public static byte[] lastBytesOfLogAlone(Path log, int bytesMax) throws IOException {
        return lastBytesOf(log, false, bytesMax);
    }

    /** Whether a log has rotated files; the log itself need not exist. */
    public static boolean hasRotated(Path log) throws IOException {
        return !new RotatedFiles(log).list().isEmpty();
    }

    private static byte[] lastBytesOf(Path file, boolean rotated, int bytesMax) throws IOException {
        try (Content content = Content.open(file, rotated)) {
            long size = content.size();
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(bytesMax, size));
            content.readFully(bytes, size - bytes.capacity());
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }
}
