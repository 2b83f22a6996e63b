package io.denywatch.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What was written to a log last. */
public final class LastBytes {
    private LastBytes() {}

    /** The last bytes of the log, with those of its newest rotated file before them where it is shorter than that. */
    public static byte[] of(Path log, int bytesMax) throws IOException {
        byte[] last = lastBytes(log, false, bytesMax);
        List<RotatedFiles.Rotated> rotated = last.length < bytesMax ? new RotatedFiles(log).list() : List.of();
        if (rotated.isEmpty()) {
            return last;
        }
        RotatedFiles.Rotated newest = rotated.getLast();
        byte[] before = lastBytes(newest.path(), true, bytesMax - last.length);
        byte[] both = Arrays.copyOf(before, before.length + last.length);
        System.arraycopy(last, 0, both, before.length, last.length);
        return both;
    }

    /** The last bytes of the log, and of no other file. */
    public static byte[] ofLogAlone(Path log, int bytesMax) throws IOException {
        return lastBytes(log, false, bytesMax);
    }

    /** Whether there are rotated files of a log, be it there itself or not. */
    public static boolean hasRotatedFiles(Path log) throws IOException {
        return !new RotatedFiles(log).list().isEmpty();
    }

    private static byte[] lastBytes(Path file, boolean rotated, int bytesMax) throws IOException {
        try (Content content = Content.open(file, rotated)) {
            long size = content.size();
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(bytesMax, size));
            content.readFully(bytes, size - bytes.capacity());
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }
}
