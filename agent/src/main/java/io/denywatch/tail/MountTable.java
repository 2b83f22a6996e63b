package io.denywatch.tail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The mounts that this process sees. Stateless: any thread may use it. */
public final class MountTable {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final int MOUNT_POINT_FIELD = 4; // proc(5): ID, parent, device, root, mount point

    private MountTable() {}

    /**
     * Whether a file is mounted by itself, as by {@code docker run -v /var/log/syslog:/var/log/syslog}. Such a name
     * always refers to the same file, so rotations are invisible. False if the system has no table of mounts.
     */
    static boolean isMountPoint(Path file) {
        try {
            return isMountPoint(file.toRealPath().toString(), Files.readString(MOUNTS, StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            return false;
        }
    }

    /**
     * Whether something is mounted at a path.
     *
     * @param table in the form of {@code /proc/self/mountinfo}
     */
    public static boolean isMountPoint(String path, String table) {
        return table.lines().anyMatch(line -> {
            String[] fields = line.split(" ", MOUNT_POINT_FIELD + 2);
            return fields.length > MOUNT_POINT_FIELD
                    && unescape(fields[MOUNT_POINT_FIELD]).equals(path);
        });
    }

    /** Blanks, tabs, newlines and backslashes are written as a backslash and three octal digits. */
    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
