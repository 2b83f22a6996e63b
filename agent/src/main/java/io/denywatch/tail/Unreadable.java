package io.denywatch.tail;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Why a log cannot be read now. Immutable.
 *
 * @param reason for the metrics
 * @param problem for an operator
 */
public record Unreadable(ReadFailure reason, String problem) {
    /** Why a log could not be opened or read. */
    public enum ReadFailure {
        PERMISSION,
        NOT_FOUND,
        IO;

        private final String label = name().toLowerCase(Locale.ROOT);

        String label() {
            return label;
        }

        static ReadFailure of(IOException exception) {
            return switch (exception) {
                case AccessDeniedException _ -> PERMISSION;
                case NoSuchFileException _ -> NOT_FOUND;
                default -> IO;
            };
        }
    }

    static Unreadable of(Path path, IOException exception) {
        ReadFailure reason = ReadFailure.of(exception);
        String file = path.toString();
        String what = exception.getMessage();
        if (exception instanceof FileSystemException failure && failure.getFile() != null) {
            file = failure.getFile(); // The unreadable file may be a rotated one.
            what = failure.getReason() == null ? "cannot be read" : failure.getReason();
        }
        return new Unreadable(
                reason,
                switch (reason) {
                    case PERMISSION ->
                        "%s: permission denied; the agent's user or groups must be allowed to read it".formatted(file);
                    case NOT_FOUND -> "%s: no such file".formatted(file);
                    case IO -> "%s: %s".formatted(file, what);
                });
    }

    static Unreadable notOpenYet(Path path) {
        return new Unreadable(ReadFailure.NOT_FOUND, path + ": not open yet");
    }

    /** Why the kernel's log cannot be read: usually, a permission is missing that its mode does not show. */
    public static Unreadable ofKernelLog(Path device, IOException exception) {
        // EPERM has no exception of its own, and its text is in the user's language. No other error is likely here.
        if (exception instanceof FileSystemException failure && !(exception instanceof NoSuchFileException)) {
            String why = failure.getReason() == null ? "not permitted" : failure.getReason();
            return new Unreadable(
                    ReadFailure.PERMISSION,
                    device + ": " + why + "; reading it requires the capability CAP_SYSLOG, and in a container also the"
                            + " device itself, which in Kubernetes means a privileged container");
        }
        return of(device, exception);
    }

    static Unreadable notRegular(Path path, FileStatus.FileType kind) {
        String what = kind == FileStatus.FileType.DIRECTORY ? "a directory" : "a device, pipe or socket";
        return new Unreadable(ReadFailure.IO, "%s: is %s; it must be a regular file".formatted(path, what));
    }
}
