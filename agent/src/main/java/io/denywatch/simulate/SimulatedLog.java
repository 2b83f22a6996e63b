package io.denywatch.simulate;

import io.denywatch.count.Count;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The file that a simulation writes. Whole lines are appended, as by rsyslog, and the file is renamed, as by logrotate.
 * Confined to the simulating thread.
 */
final class SimulatedLog implements AutoCloseable {
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int LINE_MAX_BYTES = 1024;
    private static final int ROTATED_FILES = 4;

    private final Path path;
    private final long rotateBytes;
    private final LineBuffer buffer = new LineBuffer(BUFFER_BYTES + LINE_MAX_BYTES);
    private FileChannel channel;
    private long fileBytes;

    /**
     * Opens the file for appending.
     *
     * @param rotateBytes size above which the file is renamed; {@link Long#MAX_VALUE} for never
     */
    SimulatedLog(Path path, long rotateBytes) throws IOException {
        this.path = path;
        this.rotateBytes = rotateBytes;
        channel = open(path);
        fileBytes = channel.size();
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    /** Size of the file, including what is not flushed yet. */
    long bytes() {
        return fileBytes + buffer.length();
    }

    /** The buffer for the next line, at most 1,024 bytes, until {@link #endLine}. */
    LineBuffer line() {
        return buffer;
    }

    /** Ends the line in {@link #line}. */
    void endLine() throws IOException {
        buffer.character('\n');
        if (bytes() > rotateBytes) {
            flush();
            rotate();
        } else if (buffer.length() >= BUFFER_BYTES) {
            flush();
        }
    }

    /** Writes the buffer, in one piece if the file system allows it. */
    void flush() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(buffer.bytes(), 0, buffer.length());
        while (bytes.hasRemaining()) {
            fileBytes = Count.sum(fileBytes, channel.write(bytes));
        }
        buffer.clear();
    }

    private void rotate() throws IOException {
        for (int i = ROTATED_FILES - 1; i >= 0; i--) {
            Path from = i == 0 ? path : Path.of(path + "." + i);
            try {
                Files.move(from, Path.of(path + "." + (i + 1)), StandardCopyOption.REPLACE_EXISTING);
            } catch (NoSuchFileException e) {
                // There were fewer rotations, or someone deleted the file.
            }
        }
        channel.close();
        channel = open(path);
        fileBytes = channel.size();
    }

    @Override
    public void close() throws IOException {
        flush();
        channel.close();
    }
}
