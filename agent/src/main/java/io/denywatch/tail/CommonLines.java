package io.denywatch.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** How many whole lines two contents have in common at their beginnings. Confined to the ingest thread. */
final class CommonLines {
    private static final int BLOCK_BYTES = 64 * 1024;

    private CommonLines() {}

    /** Just past the last line that is the same in both, as is everything before it; not beyond a limit. */
    static long of(Content left, Content right, long limit) throws IOException {
        ByteBuffer leftBlock = ByteBuffer.allocate(BLOCK_BYTES);
        ByteBuffer rightBlock = ByteBuffer.allocate(BLOCK_BYTES);
        long lines = 0;
        for (long at = 0; at < limit; at += BLOCK_BYTES) {
            int wanted = (int) Math.min(BLOCK_BYTES, limit - at);
            left.readFully(leftBlock.clear().limit(wanted), at);
            right.readFully(rightBlock.clear().limit(wanted), at);
            int length = Math.min(leftBlock.position(), rightBlock.position());
            int difference = Arrays.mismatch(leftBlock.array(), 0, length, rightBlock.array(), 0, length);
            int common = difference < 0 ? length : difference;
            int end = common;
            while (end > 0 && leftBlock.get(end - 1) != '\n') {
                end--;
            }
            lines = end > 0 ? at + end : lines;
            if (common < BLOCK_BYTES) {
                break;
            }
        }
        return lines;
    }
}
