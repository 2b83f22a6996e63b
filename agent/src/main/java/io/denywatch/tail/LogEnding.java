package io.denywatch.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/** What was written to a log last. */
public final class LogEnding {
    private LogEnding() {}

    /** The last bytes of the log or, where it is empty since its rotation, of its newest rotated file. */
    public static byte[] of(Path log, int bytesMax) throws IOException {
        if (Files.size(log) > 0) {
            return lastBytes(log, bytesMax);
        }
        List<RotatedFiles.Rotated> rotated = new RotatedFiles(log).list();
        return rotated.isEmpty() ? new byte[0] : lastBytes(rotated.getLast().path(), bytesMax);
    }

    private static byte[] lastBytes(Path file, int bytesMax) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(bytesMax, channel.size()));
            channel.position(channel.size() - bytes.capacity());
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // A read may give less than is there.
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }
}
