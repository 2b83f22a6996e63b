package io.denywatch.tail;

import io.denywatch.count.Count;

/** What framing met in one stream, or in all files of one tail. Confined to the thread that frames. */
public final class FramingCounts {
    long lines;
    long oversizedLines;
    long nulBytes;
    long tornLines;

    void tornLine() {
        tornLines = Count.sum(tornLines, 1);
    }

    /** Lines handed over. */
    public long lines() {
        return lines;
    }

    /** Lines longer than {@link LineFramer#LINE_MAX_BYTES}, skipped. */
    public long oversizedLines() {
        return oversizedLines;
    }

    /** NUL bytes skipped. */
    public long nulBytes() {
        return nulBytes;
    }

    /** Beginnings of lines whose ends are lost: cut off by NULs, by a truncation, or by the end of a file for good. */
    public long tornLines() {
        return tornLines;
    }
}
