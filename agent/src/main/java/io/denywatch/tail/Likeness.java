package io.denywatch.tail;

import io.denywatch.tail.Fingerprint.Mark;
import io.denywatch.tail.RotatedFiles.Rotated;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/**
 * Whether other files are a file that has been read, or hold what has been read of it. Confined to the ingest thread.
 *
 * @param file that has been read
 */
record Likeness(OpenFile file) {
    /** Whether a rotated file is this one, or a compressed copy of what was read of it. */
    boolean is(Rotated candidate) throws IOException {
        return is(candidate, file.head());
    }

    /** Whether a rotated file is this one, or a compressed copy of what it holds now. */
    boolean isRewritten(Rotated candidate) throws IOException {
        return is(candidate, Fingerprint.of(file.content()).head(Fingerprint.MARK_BYTES));
    }

    private boolean is(Rotated candidate, Mark head) throws IOException {
        if (file.is(candidate.status())) {
            return true;
        }
        if (file.isCompressed()) {
            return false;
        }
        try (Content other = candidate.open()) {
            return other.isCompressed() && head.tells(other);
        } catch (NoSuchFileException _) {
            throw new ChangedMeanwhileException(candidate.path() + ": renamed while it was being looked at");
        } catch (IOException _) {
            return false; // What can't be read is found out where it is to be read.
        }
    }

    /** Whether another file holds all that has been read of this one. */
    boolean continuesIn(OpenFile other, int evidenceBytes) throws IOException {
        return file.fingerprint().continuesIn(other.content(), file.framer().position(), evidenceBytes);
    }

    /** Whether another file begins with the same lines, and with so many bytes at least. */
    boolean beginsLike(OpenFile other, int evidenceBytes) throws IOException {
        return file.fingerprint().beginsLike(other.content(), evidenceBytes);
    }

    /** Whether another file has the first line of this one, with so many bytes in common at least. */
    boolean sharesLines(OpenFile other, int evidenceBytes) throws IOException {
        return file.fingerprint().sharesLines(other.content(), evidenceBytes);
    }

    /** Just past the last line of another file, which begins like this one, that has been read here. */
    long linesReadOf(OpenFile other) throws IOException {
        Content content = other.content();
        long size = content.size();
        long position = file.framer().position();
        if (content.isCompressed() && (int) size == (int) position) {
            return Long.MAX_VALUE; // all of it, and not to be unpacked for nothing
        }
        if (size >= position && file.fingerprint().endsAt(content, position)) {
            return file.offset();
        }
        if (file.isOverwritten()) {
            return file.asRead().lastCommonOffset(content);
        }
        return CommonLines.of(file.content(), content, Math.min(size, file.offset()));
    }
}
