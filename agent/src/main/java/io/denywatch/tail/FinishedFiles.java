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
 * Remembers rotated files that must not be read at all, or must not be read again. Confined to the ingest thread. Each
 * is known by identity and by its beginning, so that it is recognized even after compression or a copy gave it another
 * inode.
 */
final class FinishedFiles {
    /** The most files remembered: enough for logs that are kept for years and rotated daily. */
    static final int FILES_MAX = 2048;

    /** The most files remembered that are no longer in the directory; their compressed copies may still appear. */
    static final int GONE_MAX = 64;

    private record Finished(FileStatus.FileIdentity identity, Mark head) {
        /** Whether a file with this inode still has this file's content. */
        boolean holds(Content file) throws IOException {
            // Nothing was read of an empty file, so whatever it contains now is unread.
            return head.length() > 0 ? head.isIn(file) : file.size() == 0;
        }
    }

    private final List<Finished> finished = new ArrayList<>(); // the latest last

    /** Adds a file. One that cannot be read is identified by inode and birth time alone. */
    void add(Rotated file) {
        Fingerprint fingerprint;
        try (Content content = file.open()) {
            fingerprint = Fingerprint.of(content);
        } catch (IOException _) {
            fingerprint = new Fingerprint();
        }
        add(file.status().identity(), fingerprint.head(Fingerprint.MARK_BYTES));
    }

    /** Adds a file that was open. */
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

    /** Whether exactly this file was added, as far as inode and birth time prove it. */
    boolean contains(Rotated file) {
        return finished.stream()
                .anyMatch(old -> old.identity.isSurely(file.status().identity()));
    }

    /**
     * Whether a file with this inode was added. Without a birth time, another file may have been given the inode since.
     */
    boolean mayContain(Rotated file) {
        return finished.stream()
                .anyMatch(old -> old.identity.matches(file.status().identity()));
    }

    /**
     * How many of a file's first bytes belong to an added file, whatever the file's name and inode; 0 if no added file
     * matches. {@link Long#MAX_VALUE} stands for all of them. If only the content matches and the added file was
     * shorter than {@link Fingerprint#MARK_BYTES}, the result is the added file's length.
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

    /** Forgets files that are no longer in the directory, except the latest {@link #GONE_MAX}. */
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

    /** Restores what another saved. */
    void restore(DataInput in) throws IOException {
        int count = in.readUnsignedShort();
        for (int i = 0; i < count; i++) {
            add(FileStatus.FileIdentity.read(in), Mark.read(in));
        }
    }
}
