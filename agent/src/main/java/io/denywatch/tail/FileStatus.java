package io.denywatch.tail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
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
        boolean known = born > 0 && (born != modified || keepsBirthTimes(path));
        FileIdentity identity =
                new FileIdentity(inode(attributes.get("ino")), known ? born : FileIdentity.UNKNOWN_BIRTH);
        return new FileStatus(identity, modified, kind);
    }

    /**
     * Java answers with the modification time where the file system keeps no birth time, and disk images are full of
     * files born in 1970, so neither counts as known. A file that was never written to has both times alike, too: then
     * the directory, which was, tells whether births are kept.
     */
    private static boolean keepsBirthTimes(Path path) throws IOException {
        Path directory = path.toRealPath().getParent();
        if (directory == null) {
            return false;
        }
        BasicFileAttributes attributes = Files.readAttributes(directory, BasicFileAttributes.class);
        return !attributes.creationTime().equals(attributes.lastModifiedTime());
    }

    private static long inode(@Nullable Object value) {
        return value instanceof Long inode ? inode : 0;
    }

    private static long nanos(@Nullable Object value) {
        return value instanceof FileTime time ? time.to(TimeUnit.NANOSECONDS) : 0;
    }
}
