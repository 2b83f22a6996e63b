package io.denywatch.tail;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Which file it is, whatever its name. The inode alone won't do: ext4 gives the inode of a deleted file to the next new
 * one. The device is left out on purpose, as it may change over a reboot.
 *
 * @param inode its number in the file system
 * @param birthNanos Unix time in nanoseconds at which the file was created; {@link #UNKNOWN_BIRTH} if nobody can tell
 */
record FileIdentity(long inode, long birthNanos) {
    static final long UNKNOWN_BIRTH = 0;

    boolean knowsBirth() {
        return birthNanos != UNKNOWN_BIRTH;
    }

    /** Whether both can be the same file. For files that are open at the same time, it is then certain. */
    boolean matches(FileIdentity other) {
        return inode == other.inode && (!knowsBirth() || !other.knowsBirth() || birthNanos == other.birthNanos);
    }

    /** Whether both are the same file for certain, also if they were not open at the same time. */
    boolean isSurely(FileIdentity other) {
        return matches(other) && knowsBirth() && other.knowsBirth();
    }

    void save(DataOutput out) throws IOException {
        out.writeLong(inode);
        out.writeLong(birthNanos);
    }

    static FileIdentity read(DataInput in) throws IOException {
        return new FileIdentity(in.readLong(), in.readLong());
    }
}
