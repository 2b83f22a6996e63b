package io.denywatch.tail;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of which a log consists. */
public final class LogFiles {
    private LogFiles() {}

    /**
     * The log and its rotated files, plain or compressed, the oldest first and the log itself last.
     *
     * @throws IOException if the directory cannot be listed
     */
    public static List<Path> of(Path log) throws IOException {
        List<Path> files = new ArrayList<>();
        new RotatedFiles(log).list().forEach(file -> files.add(file.path()));
        files.add(log);
        return files;
    }
}
