package io.denywatch.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What was written to a log last. */
public final class LogEnding {
    private LogEnding() {}

    /** The last bytes of the log or, where it is empty since its rotation, of its newest rotated file. */
    public static byte[] of(Path log, int bytesMax) throws IOException {
        if (Files.size(log) > 0) {
            return lastBytes(log, false, bytesMax);
        }
        List<RotatedFiles.Rotated> rotated = new RotatedFiles(log).list();
        return rotated.isEmpty()
                ? new byte[0]
                : lastBytes(rotated.getLast().path(), rotated.getLast().compressed(), bytesMax);
    }

    private static byte[] lastBytes(Path file, boolean compressed, int bytesMax) throws IOException {
        try (Content content = Content.open(file, compressed)) {
            long size = content.size();
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(bytesMax, size));
            content.readFully(bytes, size - bytes.capacity());
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }
}
