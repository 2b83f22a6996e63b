package io.denywatch.tail;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The rotated files of a log, as logrotate names them: {@code name.1} (the newest) to {@code name.N}, and
 * {@code name-DATE} with {@code dateext} (the newest last). It remembers which of them are not to be read, or not
 * again; that memory is bounded by what the directory holds. Confined to the ingest thread.
 */
final class RotatedFiles {
    private static final int LOOKS_MAX = 4;

    private static final Pattern NUMBER = Pattern.compile("\\.(\\d{1,9})");
    private static final Pattern DATE = Pattern.compile("-\\d[\\d-]*");

    /** A rotated file, and what its name was when it was listed. */
    record Rotated(Path path, FileStatus status) {}

    private record Finished(FileIdentity identity, Fingerprint.Head head) {
        boolean is(Rotated file) throws IOException {
            FileIdentity other = file.status.identity();
            if (!identity.matches(other)) {
                return false;
            }
            if (identity.knowsBirth() && other.knowsBirth()) {
                return true;
            }
            // Without a birth time, only the content tells whether the inode has been given to a new file.
            try (FileChannel channel = FileChannel.open(file.path, StandardOpenOption.READ)) {
                // Of a file that was empty, nothing has been read, so whatever it holds by now is unread.
                return head.length() > 0 ? head.beginsFile(channel) : channel.size() == 0;
            } catch (AccessDeniedException _) {
                return true; // It can't be read anyway.
            }
        }
    }

    private final Path directory;
    private final String name;
    private final List<Finished> finished = new ArrayList<>();

    RotatedFiles(Path log) {
        Path parent = log.toAbsolutePath().getParent();
        Path file = log.getFileName();
        if (parent == null || file == null) {
            throw new IllegalArgumentException("path must name a file: " + log);
        }
        this.directory = parent;
        this.name = file.toString();
    }

    /**
     * Lists the rotated files, the oldest first.
     *
     * @throws ChangedMeanwhileException if the directory is in the middle of a rotation
     */
    List<Rotated> list() throws IOException {
        List<Rotated> before = look();
        for (int looks = 1; looks < LOOKS_MAX; looks++) {
            // A rename can show as a file that is missing, or there twice, so one look is not enough.
            List<Rotated> after = look();
            if (isSame(before, after)) {
                finished.removeIf(
                        gone -> after.stream().noneMatch(file -> gone.identity.matches(file.status.identity())));
                return after;
            }
            before = after;
        }
        throw new ChangedMeanwhileException(directory + ": still changing after " + LOOKS_MAX + " looks");
    }

    /** Takes all rotated files there are now for old. */
    void finishAll() throws IOException {
        for (Rotated file : list()) {
            finish(file);
        }
    }

    /** Never to be read again. A file that can't be read at all is told by its inode and birth alone. */
    void finish(Rotated file) {
        Fingerprint fingerprint = new Fingerprint();
        try (FileChannel channel = FileChannel.open(file.path, StandardOpenOption.READ)) {
            fingerprint.take(channel, Math.min(channel.size(), Fingerprint.MARK_BYTES));
        } catch (IOException _) {
            finished.add(new Finished(file.status.identity(), fingerprint.head()));
            return;
        }
        finished.add(new Finished(file.status.identity(), fingerprint.head()));
    }

    /** Never to be read again. */
    void finish(OpenFile file) {
        finished.add(new Finished(file.identity(), file.head()));
    }

    boolean isFinished(Rotated file) throws IOException {
        for (Finished candidate : finished) {
            if (candidate.is(file)) {
                return true;
            }
        }
        return false;
    }

    private List<Rotated> look() throws IOException {
        List<Rotated> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, this::isRotated)) {
            for (Path entry : entries) {
                try {
                    FileStatus status = FileStatus.of(entry);
                    if (status.kind() == FileStatus.Kind.REGULAR) {
                        files.add(new Rotated(entry, status));
                    }
                } catch (NoSuchFileException _) {
                    // Renamed or deleted since it was listed: the next look tells.
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (AccessDeniedException | NoSuchFileException | NotDirectoryException _) {
            return List.of(); // The log itself can still be followed, by its name alone.
        }
        files.sort(Comparator.comparing(file -> suffix(file.path), RotatedFiles::compareAges));
        return files;
    }

    private boolean isRotated(Path entry) {
        String suffix = suffix(entry);
        return NUMBER.matcher(suffix).matches() || DATE.matcher(suffix).matches();
    }

    private String suffix(Path entry) {
        String file = String.valueOf(entry.getFileName());
        return file.startsWith(name) ? file.substring(name.length()) : "";
    }

    /** Dates before numbers, since who changes from one to the other leaves older ones; oldest first within each. */
    private static int compareAges(String left, String right) {
        boolean leftDate = left.startsWith("-");
        boolean rightDate = right.startsWith("-");
        if (leftDate != rightDate) {
            return leftDate ? -1 : 1;
        }
        return leftDate
                ? left.compareTo(right)
                : Integer.compare(Integer.parseInt(right.substring(1)), Integer.parseInt(left.substring(1)));
    }

    private static boolean isSame(List<Rotated> left, List<Rotated> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!left.get(i).path.equals(right.get(i).path)
                    || !left.get(i)
                            .status
                            .identity()
                            .matches(right.get(i).status.identity())) {
                return false;
            }
        }
        return true;
    }
}
