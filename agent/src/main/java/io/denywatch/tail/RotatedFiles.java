package io.denywatch.tail;

import io.denywatch.tail.Content.UnknownCompressionException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Lists the rotated files of a log. Confined to the ingest thread. They are beside the log, beside its target if the
 * log is a link, and in those subdirectories where a former log was found ({@code olddir}).
 */
final class RotatedFiles {
    /** A name was given to another file while it was being examined. Another attempt may succeed. */
    static final class ChangedMeanwhileException extends IOException {
        private static final long serialVersionUID = 1;

        ChangedMeanwhileException(String what) {
            super(what);
        }
    }

    private static final int LOOKS_MAX = 4;
    private static final int LINKS_MAX = 8;

    /**
     * A file and its name when it was listed. Immutable.
     *
     * @param rotated whether it may be compressed, which the log itself is not
     */
    record Rotated(Path path, FileStatus status, boolean rotated) {
        Content open() throws IOException {
            return Content.open(path, rotated);
        }

        String name() {
            return nameOf(path);
        }

        /** Whether it is compressed by something other than gzip. */
        boolean isCompressedUnreadably() {
            try (Content _ = open()) {
                return false;
            } catch (IOException e) {
                return e instanceof UnknownCompressionException;
            }
        }
    }

    private final Path log;
    private final RotatedNames names = new RotatedNames();
    private final Set<Path> oldDirectories = new LinkedHashSet<>();

    RotatedFiles(Path log) {
        Path absolute = log.toAbsolutePath();
        if (absolute.getParent() == null || absolute.getFileName() == null) {
            throw new IllegalArgumentException("path must name a file: " + log);
        }
        this.log = absolute;
    }

    /**
     * Lists the rotated files, the oldest first as far as their names show.
     *
     * @throws ChangedMeanwhileException if the directory keeps changing
     */
    List<Rotated> list() throws IOException {
        List<Rotated> before = look();
        for (int looks = 1; looks < LOOKS_MAX; looks++) {
            // During a rename, a file may be missing or listed twice, so one listing is not enough.
            List<Rotated> after = look();
            if (isSame(before, after)) {
                return withoutUnfinishedCopies(after);
            }
            before = after;
        }
        throw new ChangedMeanwhileException(log.getParent() + ": still changing after " + LOOKS_MAX + " looks");
    }

    /**
     * Files that {@link #list} omits but that may have been the log: files beside it with one of these identities or
     * with names that rotation could have made, and rotated files in the directories below. Only their content can
     * prove it.
     */
    List<Rotated> elsewhere(Collection<FileStatus.FileIdentity> wanted) throws IOException {
        List<Rotated> files = new ArrayList<>();
        Set<Path> below = new LinkedHashSet<>();
        Path target = target();
        for (Path directory : directories(target)) {
            for (Path entry : entries(directory)) {
                if (Files.isDirectory(entry)) {
                    below.add(entry);
                } else if (!isRotated(entry, target) && !entry.equals(target) && !entry.equals(log)) {
                    add(entry, files);
                }
            }
        }
        files.removeIf(file -> !names.resemblesRotated(file.name(), nameOf(log))
                && !names.resemblesRotated(file.name(), nameOf(target))
                && wanted.stream()
                        .noneMatch(identity -> identity.matches(file.status().identity())));
        below.removeAll(directories(target));
        for (Path directory : below) {
            for (Path entry : entries(directory)) {
                if (isRotated(entry, target)) {
                    add(entry, files);
                }
            }
        }
        return files;
    }

    /** Whether a file still exists, under any name. */
    boolean has(OpenFile file) throws IOException {
        return isAmong(list(), file) || isAmong(elsewhere(List.of(file.identity())), file);
    }

    private static boolean isAmong(List<Rotated> files, OpenFile file) {
        return files.stream().anyMatch(entry -> file.is(entry.status()));
    }

    /** Whether the names of two rotated files have the same form, so that they show which is older. */
    boolean areComparable(Rotated left, Rotated right) {
        String name = nameOf(target());
        return RotatedNames.form(left.name(), name).equals(RotatedNames.form(right.name(), name));
    }

    /** Remembers where a file that had been the log was found, because later files will be put there too. */
    void learn(Path file) {
        Path target = target();
        names.learn(nameOf(file), nameOf(log));
        names.learn(nameOf(file), nameOf(target));
        Path directory = Objects.requireNonNull(file.getParent());
        if (!directories(target).contains(directory)) {
            oldDirectories.add(directory);
        }
    }

    /** Omits the result of an unfinished compression: until it has finished, the original exists as well. */
    private static List<Rotated> withoutUnfinishedCopies(List<Rotated> files) {
        Set<Path> paths = new HashSet<>();
        files.forEach(file -> paths.add(file.path));
        return files.stream()
                .filter(file -> {
                    String name = RotatedNames.withoutExtension(file.name());
                    return name.equals(file.name()) || !paths.contains(file.path.resolveSibling(name));
                })
                .toList();
    }

    private List<Rotated> look() throws IOException {
        List<Rotated> files = new ArrayList<>();
        Path target = target();
        for (Path directory : directories(target)) {
            for (Path entry : entries(directory)) {
                if (isRotated(entry, target)) {
                    add(entry, files);
                }
            }
        }
        Comparator<Rotated> byAge =
                (left, right) -> RotatedNames.compareAges(left.name(), right.name(), nameOf(target));
        files.sort(byAge.thenComparing(Rotated::path));
        return files;
    }

    private static void add(Path entry, List<Rotated> files) throws IOException {
        try {
            FileStatus status = FileStatus.of(entry);
            if (status.kind() == FileStatus.FileType.REGULAR) {
                files.add(new Rotated(entry, status, true));
            }
        } catch (NoSuchFileException _) {
            // Renamed or deleted since it was listed; the next listing shows which.
        } catch (IOException e) {
            if (!Files.isSymbolicLink(entry)) {
                throw e;
            } // otherwise a link to itself or to an unreadable place: no file that can be read
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(paths::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        } catch (AccessDeniedException | NoSuchFileException | NotDirectoryException _) {
            return List.of(); // The log itself can still be followed by its name.
        }
        return paths;
    }

    /**
     * The file to which the log's name refers, whether it exists or not: logrotate renames that file, not the link.
     */
    private Path target() {
        Path target = log;
        for (int links = 0; links < LINKS_MAX && Files.isSymbolicLink(target); links++) {
            try {
                target = target.resolveSibling(Files.readSymbolicLink(target)).normalize();
            } catch (IOException _) {
                return log; // replaced just now
            }
        }
        return target.getParent() == null ? log : target;
    }

    private Set<Path> directories(Path target) {
        Set<Path> directories = new LinkedHashSet<>();
        directories.add(Objects.requireNonNull(log.getParent()));
        directories.add(Objects.requireNonNull(target.getParent()));
        directories.addAll(oldDirectories);
        return directories;
    }

    private boolean isRotated(Path entry, Path target) {
        String name = nameOf(entry);
        return (names.isRotated(name, nameOf(log)) || names.isRotated(name, nameOf(target))) && !entry.equals(target);
    }

    private static String nameOf(Path path) {
        return String.valueOf(path.getFileName());
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
