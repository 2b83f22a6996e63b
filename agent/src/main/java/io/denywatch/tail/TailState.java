package io.denywatch.tail;

import io.denywatch.tail.FileTail.Start;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a tail has read, for another to go on.
 *
 * @param path that was followed
 * @param readAtMillis when it was last read, Unix time in milliseconds
 * @param files that were open, the oldest first
 * @param waitingFrom where reading was to begin in the file that the path would mean; null if the last of the files was
 *     that file
 */
record TailState(
        String path,
        long readAtMillis,
        List<SavedFile> files,
        @Nullable Start waitingFrom) {
    /** Files kept open for their writers, one for the log, and copies of truncated ones. */
    private static final int FILES_MAX = 64;

    private static final int FOLLOWING = 0;
    private static final int WAITING_FROM_BEGINNING = 1;
    private static final int WAITING_FROM_END = 2;

    TailState {
        files = List.copyOf(files);
    }

    void save(DataOutput out) throws IOException {
        out.writeUTF(path);
        out.writeLong(readAtMillis);
        out.writeByte(
                switch (waitingFrom) {
                    case null -> FOLLOWING;
                    case BEGINNING -> WAITING_FROM_BEGINNING;
                    case END -> WAITING_FROM_END;
                });
        out.writeByte(files.size());
        for (SavedFile file : files) {
            file.save(out);
        }
    }

    static TailState read(DataInput in) throws IOException {
        String path = in.readUTF();
        long readAtMillis = in.readLong();
        int waiting = in.readUnsignedByte();
        int count = in.readUnsignedByte();
        if (waiting > WAITING_FROM_END || count > FILES_MAX) {
            throw new IOException("no state of a tail: " + count + " files, kind " + waiting);
        }
        List<SavedFile> files = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            files.add(SavedFile.read(in));
        }
        Start from = switch (waiting) {
            case WAITING_FROM_BEGINNING -> Start.BEGINNING;
            case WAITING_FROM_END -> Start.END;
            default -> null;
        };
        if (from == null && files.isEmpty()) {
            throw new IOException("no state of a tail: it follows no file");
        }
        return new TailState(path, readAtMillis, files, from);
    }
}
