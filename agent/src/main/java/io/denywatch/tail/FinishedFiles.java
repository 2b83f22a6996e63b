package io.denywatch.tail;

import io.denywatch.tail.Fingerprint.Mark;
import io.denywatch.tail.RotatedFiles.Rotated;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Rotated files that are not to be read, or not again: each by identity and beginning, so that it is known even when
 * compression, or a copy, has given it another inode. Confined to the ingest thread.
 */
final class FinishedFiles {
    /** How many are remembered at most: logs kept for years, rotated daily. */
    static final int FILES_MAX = 2048;

    /** How many are remembered that are in the directory no longer: their compressed copies may still appear. */
    static final int GONE_MAX = 64;

    private record Finished(FileStatus.FileIdentity identity, Mark head) {
        /** Whether the content is this one's, where the inode is. */
        boolean holds(Content file) throws IOException {
            // Of a file that was empty, nothing has been read, so whatever it holds by now is unread.
            return head.length() > 0 ? head.isIn(file) : file.size() == 0;
        }
    }

    private final List<Finished> finished = new ArrayList<>(); // the latest last

    /** Never to be read again. A file that can't be read at all is told by its inode and birth alone. */
    void add(Rotated file) {
        Fingerprint fingerprint;
        try (Content content = file.open()) {
            fingerprint = Fingerprint.of(content);
        } catch (IOException _) {
            fingerprint = new Fingerprint();
        }
        add(file.status().identity(), fingerprint.head(Fingerprint.MARK_BYTES));
    }

    /** Never to be read again. */
    void add(OpenFile file) {
        add(file.identity(), file.head());
    }

    private void add(FileStatus.FileIdentity identity, Mark head) {
        finished.removeIf(old -> old.identity.equals(identity));
        finished.add(new Finished(identity, head));
        if (finished.size() > FILES_MAX) {
            finished.removeFirst();
        }
    }

    /** Whether this very file was added, as far as its inode and birth can tell for certain. */
    boolean contains(Rotated file) {
        return finished.stream()
                .anyMatch(old -> old.identity.isSurely(file.status().identity()));
    }

    /** Whether a file with this inode was added; without a birth time, it may have been given to another since. */
    boolean mayContain(Rotated file) {
        return finished.stream()
                .anyMatch(old -> old.identity.matches(file.status().identity()));
    }

    /**
     * How many of a file's first bytes are those of a file that was added, whatever its name and inode are: all of them,
     * or as many as that one had if it had less than a whole beginning; 0 if it is none of them.
     */
    long bytesIn(Content content, FileStatus.FileIdentity identity) throws IOException {
        Fingerprint fingerprint = Fingerprint.of(content);
        long longest = 0;
        for (Finished each : finished) {
            if (each.identity.matches(identity)) {
                if (each.holds(content)) {
                    return Long.MAX_VALUE;
                }
            } else if (each.head.length() > longest && each.head.tells(content, fingerprint)) {
                longest = each.head.length();
            }
        }
        return longest < Fingerprint.MARK_BYTES ? longest : Long.MAX_VALUE;
    }

    /** Forgets what is in the directory no longer, the latest excepted. */
    void keep(List<Rotated> listed) {
        Predicate<Finished> gone = old -> listed.stream()
                .noneMatch(file -> old.identity.matches(file.status().identity()));
        long excess = finished.stream().filter(gone).count() - GONE_MAX;
        for (int i = 0; i < finished.size() && excess > 0; ) {
            if (gone.test(finished.get(i))) {
                finished.remove(i);
                excess--;
            } else {
                i++;
            }
        }
    }

    void clear() {
        finished.clear();
    }

    void save(DataOutput out) throws IOException {
        out.writeShort(finished.size());
        for (Finished file : finished) {
            file.identity.save(out);
            file.head.save(out);
        }
    }

    /** Remembers what another remembered when it was saved. */
    void restore(DataInput in) throws IOException {
        int count = in.readUnsignedShort();
        for (int i = 0; i < count; i++) {
            add(FileStatus.FileIdentity.read(in), Mark.read(in));
        }
    }
}
