package io.denywatch.tail;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rotated files of a log, as logrotate names them: {@code name.1} (the newest) to {@code name.N}, and
 * {@code name-DATE} or {@code name.DATE} with {@code dateext} (the newest last), each also with {@code .gz}. Confined to
 * the ingest thread.
 */
final class RotatedFiles {
    private static final int LOOKS_MAX = 4;
    private static final String GZ = ".gz";

    /** A longer number is a date, as {@code dateformat .%Y%m%d} makes it. */
    private static final Pattern NUMBER = Pattern.compile("\\.\\d{1,7}");

    private static final Pattern DATE = Pattern.compile("[.-]\\d[\\d-]*");

    /** A rotated file, what its name was when it was listed, and whether it is compressed. */
    record Rotated(Path path, FileStatus status, boolean compressed) {
        Content open() throws IOException {
            return Content.open(path, compressed);
        }
    }

    private final Path directory;
    private final String name;

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
                return withoutUnfinishedCopies(after);
            }
            before = after;
        }
        throw new ChangedMeanwhileException(directory + ": still changing after " + LOOKS_MAX + " looks");
    }

    /** Until gzip has finished, the file that it compresses is there as well. */
    private static List<Rotated> withoutUnfinishedCopies(List<Rotated> files) {
        Set<String> names = new HashSet<>();
        files.forEach(file -> names.add(file.path.toString()));
        return files.stream()
                .filter(file -> !file.compressed || !names.contains(withoutGz(file.path.toString())))
                .toList();
    }

    private List<Rotated> look() throws IOException {
        List<Rotated> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, this::isRotated)) {
            for (Path entry : entries) {
                try {
                    FileStatus status = FileStatus.of(entry);
                    if (status.kind() == FileStatus.Kind.REGULAR) {
                        files.add(new Rotated(entry, status, suffix(entry).endsWith(GZ)));
                    }
                } catch (NoSuchFileException _) {
                    // Renamed or deleted since it was listed: the next look tells.
                } catch (IOException e) {
                    if (!Files.isSymbolicLink(entry)) {
                        throw e;
                    } // else a link to itself, or to where we may not look: no file that we could read
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (AccessDeniedException | NoSuchFileException | NotDirectoryException _) {
            return List.of(); // The log itself can still be followed, by its name alone.
        }
        files.sort(Comparator.comparing(file -> withoutGz(suffix(file.path)), RotatedFiles::compareAges));
        return files;
    }

    private boolean isRotated(Path entry) {
        return DATE.matcher(withoutGz(suffix(entry))).matches(); // any number could be one
    }

    private String suffix(Path entry) {
        String file = String.valueOf(entry.getFileName());
        return file.startsWith(name) ? file.substring(name.length()) : "";
    }

    private static String withoutGz(String name) {
        return name.endsWith(GZ) ? name.substring(0, name.length() - GZ.length()) : name;
    }

    /** Dates before numbers, since who changes from one to the other leaves older ones; oldest first within each. */
    private static int compareAges(String left, String right) {
        boolean leftDate = isDate(left);
        boolean rightDate = isDate(right);
        if (leftDate != rightDate) {
            return leftDate ? -1 : 1;
        }
        return leftDate
                ? left.compareTo(right)
                : Integer.compare(Integer.parseInt(right.substring(1)), Integer.parseInt(left.substring(1)));
    }

    private static boolean isDate(String suffix) {
        return !NUMBER.matcher(suffix).matches();
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
