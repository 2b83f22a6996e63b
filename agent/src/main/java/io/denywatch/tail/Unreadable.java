package io.denywatch.tail;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Why a log is not readable now.
 *
 * @param reason for the metrics
 * @param problem for an operator
 */
record Unreadable(ReadFailure reason, String problem) {
    static Unreadable of(Path path, IOException exception) {
        ReadFailure reason = ReadFailure.of(exception);
        return new Unreadable(
                reason,
                switch (reason) {
                    case PERMISSION ->
                        "%s: permission denied; the agent's user or groups must be allowed to read it".formatted(path);
                    case NOT_FOUND -> "%s: no such file".formatted(path);
                    case IO -> "%s: %s".formatted(path, exception.getMessage());
                });
    }

    static Unreadable notOpenYet(Path path) {
        return new Unreadable(ReadFailure.NOT_FOUND, path + ": not open yet");
    }

    static Unreadable notRegular(Path path, FileStatus.Kind kind) {
        String what = kind == FileStatus.Kind.DIRECTORY ? "a directory" : "a device, pipe or socket";
        return new Unreadable(ReadFailure.IO, "%s: is %s; it must be a regular file".formatted(path, what));
    }
}
