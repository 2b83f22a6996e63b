package io.denywatch.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/** A log in a directory, and what rsyslog and logrotate do to it. */
public final class LogFile {
    private final Path path;

    /** A log by this name, which need not exist. */
    public LogFile(Path path) {
        this.path = path;
    }

    /** The log's name. */
    public Path path() {
        return path;
    }

    /** The name of the n-th rotated file, the newest being 1. */
    public Path rotated(int number) {
        return path.resolveSibling(path.getFileName() + "." + number);
    }

    /** Appends to whatever the name means now, making it if it's missing. */
    public void append(String text) throws IOException {
        appendTo(path, text);
    }

    /** Appends to a file by another name. */
    public static void appendTo(Path file, String text) throws IOException {
        Files.writeString(
                file, text, StandardCharsets.ISO_8859_1, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Renames the log to {@code .1}, and each rotated file to the next number. */
    public void rename() throws IOException {
        shift();
        Files.move(path, rotated(1));
    }

    /** Renames the log and makes an empty new one. */
    public void rotate() throws IOException {
        rename();
        Files.createFile(path);
    }

    /** Copies the log to {@code .1} and empties it. */
    public void copyTruncate() throws IOException {
        copy();
        truncate();
    }

    /** Copies the log to {@code .1}. */
    public void copy() throws IOException {
        shift();
        Files.copy(path, rotated(1));
    }

    /** Empties the log. */
    public void truncate() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(0);
        }
    }

    /** Compresses a rotated file as logrotate does: the copy gets the file's times, and then the file goes. */
    public void compress(int number) throws IOException {
        Path file = rotated(number);
        Path copy = compressed(number);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(copy))) {
            Files.copy(file, out);
        }
        Files.setLastModifiedTime(copy, Files.getLastModifiedTime(file));
        Files.delete(file);
    }

    /** The name of the n-th rotated file when it is compressed. */
    public Path compressed(int number) {
        return path.resolveSibling(path.getFileName() + "." + number + ".gz");
    }

    private void shift() throws IOException {
        int last = 0;
        while (Files.exists(rotated(last + 1)) || Files.exists(compressed(last + 1))) {
            last++;
        }
        for (int number = last; number > 0; number--) {
            boolean plain = Files.exists(rotated(number));
            Files.move(
                    plain ? rotated(number) : compressed(number),
                    plain ? rotated(number + 1) : compressed(number + 1),
                    StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
