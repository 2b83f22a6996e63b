package io.denywatch.tail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What {@code stat} says about a file.
 *
 * @param identity which file it is
 * @param modifiedNanos Unix time in nanoseconds at which it was last written to
 * @param kind what it is
 */
record FileStatus(FileIdentity identity, long modifiedNanos, Kind kind) {
    enum Kind {
        REGULAR,
        DIRECTORY,
        OTHER
    }

    /** Looks at a file, through symbolic links. */
    static FileStatus of(Path path) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:ino,creationTime,lastModifiedTime,isRegularFile,isDirectory");
        long modified = nanos(attributes.get("lastModifiedTime"));
        long born = nanos(attributes.get("creationTime"));
        Kind kind = Boolean.TRUE.equals(attributes.get("isRegularFile"))
                ? Kind.REGULAR
                : Boolean.TRUE.equals(attributes.get("isDirectory")) ? Kind.DIRECTORY : Kind.OTHER;
        return new FileStatus(FileIdentity.of(inode(attributes.get("ino")), born, modified), modified, kind);
    }

    private static long inode(@Nullable Object value) {
        return value instanceof Long inode ? inode : 0;
    }

    private static long nanos(@Nullable Object value) {
        return value instanceof FileTime time ? time.to(TimeUnit.NANOSECONDS) : 0;
    }
}
