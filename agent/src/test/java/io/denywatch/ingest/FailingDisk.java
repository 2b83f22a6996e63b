package io.denywatch.ingest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Real files, of which opening, writing and forcing can fail, and which can be torn from the process at any byte.
 * Confined to the test's thread.
 */
final class FailingDisk implements CheckpointFile.Opener {
    /** Ends what the process does, as a kill would: nothing handles it. */
    @SuppressWarnings("serial")
    static final class Killed extends Error {
        Killed() {
            super("killed", null, false, false);
        }
    }

    boolean readOnly;
    boolean opens; // whatever fails else
    long bytesUntilKill = Long.MAX_VALUE;
    long bytesWritten;
    int forces;

    private final SplittableRandom random;
    private final List<FileChannel> open = new ArrayList<>();
    private int failsOnceIn; // calls; 0 for never

    FailingDisk(long seed) {
        random = new SplittableRandom(seed);
    }

    void failOnceIn(int calls) {
        failsOnceIn = calls;
    }

    /** What the kernel does for a process that is gone: files are closed, locks released. */
    void releaseAll() throws IOException {
        for (FileChannel channel : open) {
            channel.close();
        }
        open.clear();
    }

    private boolean fails() {
        return failsOnceIn > 0 && random.nextInt(failsOnceIn) == 0;
    }

    private void mayFail(String what) throws IOException {
        if (bytesUntilKill <= 0) {
            throw new Killed();
        }
        if (fails()) {
            throw new IOException(what + ": Input/output error");
        }
    }

    @Override
    public FileChannel open(Path path, OpenOption... options) throws IOException {
        boolean reads = List.of(options).contains(StandardOpenOption.READ);
        if (readOnly && !reads) {
            throw new AccessDeniedException(path.toString());
        }
        if (!reads && !opens) {
            mayFail("open");
        }
        FileChannel channel = FileChannel.open(path, options);
        open.add(channel);
        return new Channel(channel);
    }

    private final class Channel extends FileChannel {
        private final FileChannel real;

        Channel(FileChannel real) {
            this.real = real;
        }

        @Override
        public int read(ByteBuffer into, long position) throws IOException {
            return real.read(into, position);
        }

        /** Writes a random part at a time, as a channel may; where it fails or is killed, a part is written too. */
        @Override
        public int write(ByteBuffer from, long position) throws IOException {
            int whole = from.remaining();
            boolean fails = fails();
            long part = fails || random.nextInt(4) == 0 ? random.nextInt(whole + 1) : whole;
            boolean killed = part >= bytesUntilKill;
            int count = (int) Math.min(part, bytesUntilKill);
            int limit = from.limit();
            int written = real.write(from.limit(from.position() + count), position);
            from.limit(limit);
            bytesWritten += written;
            if (killed) {
                bytesUntilKill = 0;
                throw new Killed();
            }
            bytesUntilKill -= bytesUntilKill == Long.MAX_VALUE ? 0 : written;
            if (fails) {
                throw new IOException("No space left on device");
            }
            return written;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            mayFail("force");
            forces++; // for real it would only take its time: what is in memory is read back as well
        }

        @Override
        public long size() throws IOException {
            return real.size();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            mayFail("lock");
            return real.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            real.close();
        }

        @Override
        public int read(ByteBuffer into) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int write(ByteBuffer from) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel position(long position) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileChannel truncate(long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) {
            throw new UnsupportedOperationException();
        }
    }
}
