package io.denywatch.doctor;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a node's file system lets this process do. */
interface Disk {
    /** Tries to open a file for reading; nothing is read. */
    void tryToRead(Path file) throws IOException;

    /** Whether files may be made in a directory. */
    boolean isWritable(Path directory);

    /** Bytes that this process may still write there. */
    long usableBytes(Path directory) throws IOException;

    /** The real one. */
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
