package io.denywatch.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A node's file system. Paths are the node's own, absolute; {@link #locate} says where they are for this process.
 *
 * @param root the directory that is the node's {@code /}
 * @param disk what this process may do there
 */
public record Node(Path root, Disk disk) {
    private static final Path SLASH = Path.of("/");
    private static final int TEXT_BYTES_MAX = 4 * 1024 * 1024; // a table of mounts is the longest
    private static final int LINKS_MAX = 8;

    /** What the file system lets this process do. */
    public interface Disk {
        /** Tries to open a file for reading; nothing is read. */
        void tryToRead(Path file) throws IOException;

        /** Whether files may be created in a directory. */
        boolean isWritable(Path directory);

        /** Bytes that this process may still write there. */
        long usableBytes(Path directory) throws IOException;

        /** The file system of this machine. */
        static Disk real() {
            return new Disk() {
                @Override
                public void tryToRead(Path file) throws IOException {
                    FileChannel.open(file, StandardOpenOption.READ).close();
                }

                @Override
                public boolean isWritable(Path directory) {
                    return Files.isWritable(directory);
                }

                @Override
                public long usableBytes(Path directory) throws IOException {
                    return Files.getFileStore(directory).getUsableSpace();
                }
            };
        }
    }

    /** The node whose file system is at this directory. */
    public static Node at(Path root) {
        return new Node(root.toAbsolutePath(), Disk.real());
    }

    /** The path at which this process sees a path of the node. */
    public Path locate(Path path) {
        return root.resolve(SLASH.relativize(path.normalize()));
    }

    /** Whether a file can be opened for reading. */
    public boolean opens(Path path) {
        try {
            disk.tryToRead(locate(path));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    boolean exists(String path) {
        return Files.exists(locate(Path.of(path)));
    }

    boolean isLink(Path path) {
        return Files.isSymbolicLink(locate(path));
    }

    /** The target of a path, with links followed as on the node, not as this process sees them. */
    Path target(Path path) throws IOException {
        Path target = path.normalize();
        for (int links = 0; links < LINKS_MAX && isLink(target); links++) {
            target = target.resolveSibling(Files.readSymbolicLink(locate(target)))
                    .normalize();
        }
        return target;
    }

    /** The path with links to directories resolved as well, as in the table of mounts. */
    Path real(Path path) throws IOException {
        return SLASH.resolve(root.toRealPath().relativize(locate(path).toRealPath()));
    }

    /** The beginning of a regular file; empty if it cannot be read. */
    String text(Path path) {
        Path file = locate(path);
        if (!Files.isRegularFile(file)) {
            return ""; // reading a pipe would block
        }
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(TEXT_BYTES_MAX), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return "";
        }
    }

    String text(String path) {
        return text(Path.of(path));
    }

    /** The entries of a directory, sorted; empty if it cannot be read. */
    List<Path> list(Path directory) {
        List<Path> paths = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(locate(directory))) {
            entries.forEach(entry -> paths.add(directory.resolve(Objects.requireNonNull(entry.getFileName()))));
        } catch (IOException | DirectoryIteratorException _) {
            return List.of();
        }
        paths.sort(null);
        return paths;
    }

    /** A user or group by its name on the node, such as {@code adm (4)}; only the number if it has no name. */
    String user(long id) {
        return name("/etc/passwd", id);
    }

    String group(long id) {
        return name("/etc/group", id);
    }

    private String name(String table, long id) {
        String number = Long.toString(id);
        return text(table)
                .lines()
                .map(line -> line.split(":", -1)) // name, password, number
                .filter(fields -> fields.length > 2 && fields[2].equals(number))
                .map(fields -> fields[0] + " (" + number + ")")
                .findFirst()
                .orElse(number);
    }
}
