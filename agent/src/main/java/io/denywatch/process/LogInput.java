package io.denywatch.process;

import io.denywatch.count.Count;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** A log file to be read as a whole, plain or gzip, as its first two bytes show. */
public final class LogInput implements AutoCloseable {
    private static final int GZIP_MAGIC_1 = 0x1f;
    private static final int GZIP_MAGIC_2 = 0x8b;
    private static final int GZIP_BUFFER_BYTES = 64 * 1024;
    private static final long MICROS_PER_MILLI = 1_000;

    private final Path path;
    private final Counted file;
    private final InputStream lines;

    private LogInput(Path path, Counted file, InputStream lines) {
        this.path = path;
        this.file = file;
        this.lines = lines;
    }

    /** Opens the file; the failure names it and says what is wrong. */
    public static LogInput open(Path path) {
        checkNotDirectory(path);
        try {
            Counted file = new Counted(Files.newInputStream(path));
            try {
                return new LogInput(path, file, decoded(file));
            } catch (IOException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw failure(path, e);
        }
    }

    /** The file's size in bytes; the failure names the file and says what is wrong. */
    public static long size(Path path) {
        checkNotDirectory(path);
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw failure(path, e);
        }
    }

    /** When the file was last written, in microseconds since 1970. */
    public static long modifiedMicros(Path path) throws IOException {
        return Files.getLastModifiedTime(path).toMillis() * MICROS_PER_MILLI;
    }

    /** Whether this is an uncompressed regular file, which can be read from any position; false if not known. */
    public static boolean isPlainFile(Path path) {
        if (!Files.isRegularFile(path)) {
            return false; // reading would consume its contents
        }
        try (InputStream raw = Files.newInputStream(path)) {
            return !(raw.read() == GZIP_MAGIC_1 && raw.read() == GZIP_MAGIC_2);
        } catch (IOException e) {
            return false; // reading the whole file reports the failure
        }
    }

    /** The stream, decompressed if it is gzip. */
    public static InputStream decoded(InputStream raw) throws IOException {
        BufferedInputStream peekable = new BufferedInputStream(raw, GZIP_BUFFER_BYTES);
        peekable.mark(2);
        boolean gzip = peekable.read() == GZIP_MAGIC_1 && peekable.read() == GZIP_MAGIC_2;
        peekable.reset();
        return gzip ? new GZIPInputStream(peekable, GZIP_BUFFER_BYTES) : peekable;
    }

    private static void checkNotDirectory(Path path) {
        if (Files.isDirectory(path)) {
            throw CommandFailure.failed(path + ": is a directory; allowed: files");
        }
    }

    /** The failure to open or read a file, for the operator. */
    public static CommandFailure failure(Path path, IOException failure) {
        return CommandFailure.failed(path + ": "
                + switch (failure) {
                    case NoSuchFileException _ -> "does not exist";
                    case AccessDeniedException _ -> "may not be read";
                    case EOFException _ -> "ends in the middle of its gzip data";
                    case ZipException damaged -> "has damaged gzip data: " + damaged.getMessage();
                    default -> "cannot be read: " + failure.getMessage();
                });
    }

    public Path path() {
        return path;
    }

    /** The decompressed contents. */
    public InputStream lines() {
        return lines;
    }

    /** Bytes read from the file itself. */
    public long fileBytes() {
        return file.bytes;
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw failure(path, e);
        }
    }

    /** Counts what is read from a file. */
    private static final class Counted extends FilterInputStream {
        private long bytes;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            bytes = Count.sum(bytes, value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            bytes = Count.sum(bytes, Math.max(0, read));
            return read;
        }
    }
}
