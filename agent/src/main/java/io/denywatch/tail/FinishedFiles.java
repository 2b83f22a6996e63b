package io.denywatch.tail;

import io.denywatch.tail.Fingerprint.Mark;
import io.denywatch.tail.RotatedFiles.Rotated;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Rotated files that are not to be read, or not again: each by identity and beginning, so that it is known even when
 * compression has given it another inode. Confined to the ingest thread.
 */
final class FinishedFiles {
    /** How many are remembered at most: logs kept for years, rotated daily. */
    static final int FILES_MAX = 2048;

    /** How many are remembered that are in the directory no longer: their compressed copies may still appear. */
    static final int GONE_MAX = 64;

    private record Finished(FileIdentity identity, Mark head) {
        /** Whether the content is this one's, where identities leave that open. */
        boolean holds(Content file, boolean sameInode) throws IOException {
            if (!sameInode) {
                return head.tells(file);
            }
            // Of a file that was empty, nothing has been read, so whatever it holds by now is unread.
            return head.length() > 0 ? head.isIn(file) : file.size() == 0;
        }
    }

    private final List<Finished> finished = new ArrayList<>(); // the latest last

    /** Never to be read again. A file that can't be read at all is told by its inode and birth alone. */
    void add(Rotated file) {
        Fingerprint fingerprint = new Fingerprint();
        try (Content content = file.open()) {
            fingerprint.takeHead(content, Math.min(content.size(), Fingerprint.MARK_BYTES));
        } catch (IOException _) {
            fingerprint = new Fingerprint();
        }
        add(file.status().identity(), fingerprint.head(Fingerprint.MARK_BYTES));
    }

    /** Never to be read again. */
    void add(OpenFile file) {
        add(file.identity(), file.head());
    }

    private void add(FileIdentity identity, Mark head) {
        finished.removeIf(old -> old.identity.equals(identity));
        finished.add(new Finished(identity, head));
        if (finished.size() > FILES_MAX) {
            finished.removeFirst();
        }
    }

    /** Whether a file, or the one that it is a compressed copy of, was added. */
    boolean contains(Rotated file) throws IOException {
        List<Finished> candidates = new ArrayList<>();
        for (Finished candidate : finished) {
            if (candidate.identity.isSurely(file.status().identity())) {
                return true;
            }
            if (file.compressed() || candidate.identity.matches(file.status().identity())) {
                candidates.add(candidate);
            }
        }
        if (candidates.isEmpty()) {
            return false;
        }
        // Without a birth time, only the content tells whether the inode has been given to a new file.
        try (Content content = file.open()) {
            for (Finished candidate : candidates) {
                if (candidate.holds(
                        content, candidate.identity.matches(file.status().identity()))) {
                    add(file.status().identity(), candidate.head);
                    return true;
                }
            }
            return false;
        } catch (AccessDeniedException _) {
            return true; // It can't be read anyway.
        } catch (NoSuchFileException _) {
            throw new ChangedMeanwhileException(file.path() + ": renamed while it was being looked at");
        } catch (IOException _) {
            return false; // Damaged: that is found out, and counted, where it is to be read.
        }
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
            add(FileIdentity.read(in), Mark.read(in));
        }
    }
}
