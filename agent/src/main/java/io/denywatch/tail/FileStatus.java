package io.denywatch.tail;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What {@code stat} says about a file. Immutable.
 *
 * @param identity which file it is
 * @param modifiedNanos Unix time in nanoseconds at which it was last written to
 * @param kind type of the file
 */
record FileStatus(FileIdentity identity, long modifiedNanos, FileType kind) {
    /**
     * Identifies a file, whatever its name. The inode alone is not enough, because ext4 gives the inode of a deleted
     * file to the next new one. The device is omitted because it may change with a reboot.
     *
     * @param inode number of its inode
     * @param birthNanos Unix time in nanoseconds at which the file was created, or {@link #UNKNOWN_BIRTH}
     */
    record FileIdentity(long inode, long birthNanos) {
        static final long UNKNOWN_BIRTH = 0;

        boolean knowsBirth() {
            return birthNanos != UNKNOWN_BIRTH;
        }

        /** Whether both can be the same file; if both are open at the same time, this is certain. */
        boolean matches(FileIdentity other) {
            return inode == other.inode && (!knowsBirth() || !other.knowsBirth() || birthNanos == other.birthNanos);
        }

        /** Whether both are certainly the same file, even if they were not open at the same time. */
        boolean isSurely(FileIdentity other) {
            return matches(other) && knowsBirth() && other.knowsBirth();
        }

        /** Whether this file was certainly created before another. */
        boolean isSurelyOlderThan(FileIdentity other) {
            return knowsBirth() && other.knowsBirth() && birthNanos < other.birthNanos;
        }

        void save(DataOutput out) throws IOException {
            out.writeLong(inode);
            out.writeLong(birthNanos);
        }

        static FileIdentity read(DataInput in) throws IOException {
            return new FileIdentity(in.readLong(), in.readLong());
        }
    }

    enum FileType {
        REGULAR,
        DIRECTORY,
        OTHER
    }

    /** Reads the status of a file, following symbolic links. */
    static FileStatus of(Path path) throws IOException {
        Map<String, Object> attributes =
                Files.readAttributes(path, "unix:ino,creationTime,lastModifiedTime,isRegularFile,isDirectory");
        long modified = nanos(attributes.get("lastModifiedTime"));
        long born = nanos(attributes.get("creationTime"));
        FileType kind = Boolean.TRUE.equals(attributes.get("isRegularFile"))
                ? FileType.REGULAR
                : Boolean.TRUE.equals(attributes.get("isDirectory")) ? FileType.DIRECTORY : FileType.OTHER;
        // A birth time of 0 does not count as known, because many files in disk images have it.
        boolean known = born > 0 && (born != modified || keepsBirthTimes(path));
        FileIdentity identity =
                new FileIdentity(inode(attributes.get("ino")), known ? born : FileIdentity.UNKNOWN_BIRTH);
        return new FileStatus(identity, modified, kind);
    }

    /**
     * Whether the file system keeps birth times, as far as the directory shows. If it keeps none, Java returns the
     * modification time instead. In a file that was never written to, both times are equal anyway, so its directory,
     * which was written to, decides.
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
