package io.denywatch.tail;

import io.denywatch.tail.FileTail.Start;
import io.denywatch.tail.Fingerprint.Mark;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a tail has read, so that another can continue. Immutable.
 *
 * @param path path that was followed
 * @param readAtMillis when it was last read, Unix time in milliseconds
 * @param files files that were open, the oldest first
 * @param waitingFrom where reading should begin in the file to which the path refers later; null if the last of the
 *     files is that file
 */
record TailState(
        String path,
        long readAtMillis,
        List<SavedFile> files,
        @Nullable Start waitingFrom) {
    /** Room for draining files, the log itself, and copies of truncated files. */
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
            throw new IOException("not the state of a tail: " + count + " files, kind " + waiting);
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
            throw new IOException("not the state of a tail: it follows no file");
        }
        return new TailState(path, readAtMillis, files, from);
    }

    /**
     * How far a file was read, and how to recognize it under any name.
     *
     * @param identity which file it was
     * @param beganNanos when it was last written to before reading began; Unix time in nanoseconds
     * @param quiet whether it had been quiet for so long that nothing more was expected
     * @param head its first bytes
     * @param marks the bytes before each saved position; reading continues at the last position
     */
    record SavedFile(FileStatus.FileIdentity identity, long beganNanos, boolean quiet, Mark head, List<Mark> marks) {
        /**
         * The most places kept. Those before the last one are for a log that lost its end in a power loss: rsyslog does
         * not wait until its lines are on disk, and the kernel may take half a minute.
         */
        static final int MARKS_MAX = 33;

        SavedFile {
            if (marks.isEmpty() || marks.size() > MARKS_MAX) {
                throw new IllegalArgumentException("marks must be 1 to " + MARKS_MAX + ": " + marks.size());
            }
            marks = List.copyOf(marks);
        }

        /** Just past the last line read. */
        long offset() {
            return marks.getLast().end();
        }

        /** Whether a file contains what was read, at the same position. */
        boolean isIn(Content file) throws IOException {
            return head.isIn(file)
                    && ((file.isCompressed() && isWhole(file))
                            || marks.getLast().isIn(file));
        }

        /** Whether a file has at least the beginning of what was read. */
        boolean beginsIn(Content file) throws IOException {
            // If the head is shorter than a mark may be, it ends where reading stopped, so its end may be lost as well.
            return lastCommonOffset(file) > 0 || (head.length() > 0 && head.isIn(file));
        }

        /**
         * Whether a compressed file ends where reading stopped; then its beginning is proof enough, and little is
         * unpacked.
         */
        boolean isWhole(Content file) throws IOException {
            return (int) file.size() == (int) offset();
        }

        /** Whether enough bytes are known to identify the file, whatever its inode. */
        boolean isEvidence() {
            return head.length() >= Fingerprint.EVIDENCE_BYTES;
        }

        /** The last place up to which a file still contains what was read; 0 if only its beginning is the same. */
        long lastCommonOffset(Content file) throws IOException {
            for (Mark mark : marks.reversed()) {
                if (mark.isIn(file)) {
                    return mark.end();
                }
            }
            return 0;
        }

        void save(DataOutput out) throws IOException {
            identity.save(out);
            out.writeLong(beganNanos);
            out.writeBoolean(quiet);
            head.save(out);
            out.writeByte(marks.size());
            for (Mark mark : marks) {
                mark.save(out);
            }
        }

        static SavedFile read(DataInput in) throws IOException {
            FileStatus.FileIdentity identity = FileStatus.FileIdentity.read(in);
            long beganNanos = in.readLong();
            boolean quiet = in.readBoolean();
            Mark head = Mark.read(in);
            int count = in.readUnsignedByte();
            if (count == 0 || count > MARKS_MAX) {
                throw new IOException("a file has " + count + " marks; allowed: 1 to " + MARKS_MAX);
            }
            List<Mark> marks = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                marks.add(Mark.read(in));
            }
            return new SavedFile(identity, beganNanos, quiet, head, marks);
        }
    }
}
