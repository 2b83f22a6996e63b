package io.denywatch.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** How a rotated file is compressed. Its first bytes decide, because {@code compressext} may be anything. */
enum Compression {
    NONE,
    GZIP,
    /** In a format that is not supported. */
    UNKNOWN;

    private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};

    /** xz, zstd (and its skippable frames), bzip2, lz4, compress, lzma, lzop, lzip, zip, 7z. */
    private static final List<byte[]> OTHER_MAGIC = List.of(
            hex("fd377a585a00"),
            hex("28b52ffd"),
            hex("502a4d18"),
            hex("425a68"),
            hex("04224d18"),
            hex("1f9d"),
            hex("1fa0"),
            hex("5d0000"),
            hex("894c5a4f"),
            hex("4c5a4950"),
            hex("504b0304"),
            hex("377abcaf271c"));

    private static final int LOOKED_AT_BYTES = 64;

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    /** Determines the compression from a file's first bytes. */
    static Compression of(FileChannel channel) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(LOOKED_AT_BYTES);
        int read = channel.read(first, 0);
        byte[] bytes = Arrays.copyOf(first.array(), Math.max(0, read));
        if (begins(bytes, GZIP_MAGIC)) {
            return GZIP;
        }
        return isText(bytes) && OTHER_MAGIC.stream().noneMatch(magic -> begins(bytes, magic)) ? NONE : UNKNOWN;
    }

    private static boolean begins(byte[] bytes, byte[] magic) {
        return bytes.length >= magic.length && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
    }

    /**
     * Formats without a magic number, and encrypted files, contain control characters early on. NULs may come from a
     * power loss.
     */
    private static boolean isText(byte[] bytes) {
        for (byte each : bytes) {
            boolean blank = each == 0 || (each >= '\b' && each <= '\r') || each == 0x1b;
            if (each >= 0 && each < ' ' && !blank) {
                return false;
            }
        }
        return true;
    }
}
