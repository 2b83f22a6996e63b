package io.denywatch.tail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.denywatch.kmsg.KernelLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A kernel whose log holds the last records only, and that behaves as the real one does when a reader was overrun. Any
 * thread may use it.
 */
public final class FakeKernel implements KernelLog {
    private final int recordsMax;
    private final TreeMap<Long, String> records = new TreeMap<>();
    private String bootId = "boot-1";
    private int boots = 1;
    private long next;
    private long uptimeMicros;
    private boolean held;
    private int open;
    private boolean waiting;
    private @Nullable IOException openFailure;
    private @Nullable IOException readFailure;

    public FakeKernel(int recordsMax) {
        this.recordsMax = recordsMax;
    }

    private final class Reader implements Records {
        private long at;
        private boolean closed;

        @Override
        public int read(ByteBuffer into) throws IOException {
            synchronized (FakeKernel.this) {
                while (true) {
                    if (closed) {
                        throw new AsynchronousCloseException();
                    }
                    if (readFailure != null) {
                        throw readFailure;
                    }
                    if (!held && records.containsKey(at)) {
                        return give(into);
                    }
                    if (!held && !records.isEmpty() && at < records.firstKey()) {
                        at = records.firstKey();
                        throw new IOException("Broken pipe");
                    }
                    waiting = true;
                    FakeKernel.this.notifyAll();
                    pause();
                }
            }
        }

        private int give(ByteBuffer into) throws IOException {
            String record = records.get(at++);
            if (record == null || record.length() > into.remaining()) {
                throw new IOException("Invalid argument");
            }
            into.put(record.getBytes(ISO_8859_1));
            return record.length();
        }

        @Override
        public void close() {
            synchronized (FakeKernel.this) {
                if (!closed) {
                    closed = true;
                    open--;
                    wake();
                }
            }
        }
    }

    @SuppressWarnings("WaitNotInLoop") // each caller asks again
    private void pause() {
        try {
            wait();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts the reader", e);
        }
    }

    private void wake() {
        waiting = false;
        notifyAll();
    }

    @Override
    public synchronized Records open() throws IOException {
        if (openFailure != null) {
            throw openFailure;
        }
        open++;
        waiting = false;
        Reader reader = new Reader();
        reader.at = records.isEmpty() ? next : records.firstKey();
        return reader;
    }

    @Override
    public synchronized String bootId() {
        return bootId;
    }

    @Override
    public synchronized long uptimeMicros() {
        return uptimeMicros;
    }

    public synchronized void uptime(long micros) {
        uptimeMicros = micros;
    }

    /** Logs a message of the kernel's own, and returns its sequence number. */
    public long log(String text) {
        return log(5, 0, text);
    }

    public synchronized long log(int priority, long stampMicros, String text) {
        return record(priority + "," + next + "," + stampMicros + ",-;" + text + "\n");
    }

    /** Logs anything under the next sequence number. */
    public synchronized long record(String record) {
        records.put(next, record);
        if (records.size() > recordsMax) {
            records.pollFirstEntry();
        }
        wake();
        return next++;
    }

    /** The number that the next record will have. */
    public synchronized long next() {
        return next;
    }

    public synchronized long oldest() {
        return records.isEmpty() ? next : records.firstKey();
    }

    /** Starts anew: with another boot id, and nothing in the log. */
    public synchronized void reboot() {
        bootId = "boot-" + ++boots;
        records.clear();
        next = 0;
    }

    /** Lets nobody read until {@link #release}, as if the reader got no time. */
    public synchronized void hold() {
        held = true;
    }

    public synchronized void release() {
        held = false;
        wake();
    }

    /** Fails each open from now on; null for none. */
    public synchronized void failOpen(@Nullable IOException failure) {
        openFailure = failure;
    }

    /** Fails each read from now on; null for none. */
    public synchronized void failRead(@Nullable IOException failure) {
        readFailure = failure;
        wake();
    }

    /** Returns when all that can be read was read, and the reader asks for more. */
    public synchronized void awaitReader() {
        while (!waiting) {
            pause();
        }
    }

    /** Whether all that can be read was read, and the reader asks for more. */
    public synchronized boolean isReaderWaiting() {
        return waiting;
    }

    /** How many readers have it open. */
    public synchronized int readers() {
        return open;
    }
}
