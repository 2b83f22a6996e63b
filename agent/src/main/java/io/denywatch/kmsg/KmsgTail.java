package io.denywatch.kmsg;

import io.denywatch.count.CheckedInput;
import io.denywatch.tail.FileTail;
import io.denywatch.tail.Gap;
import io.denywatch.tail.LineHandler;
import io.denywatch.tail.LogSource;
import io.denywatch.tail.TailCounts;
import io.denywatch.tail.TailSnapshot;
import io.denywatch.tail.Unreadable;
import io.denywatch.tail.Unreadable.ReadFailure;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * Follows the kernel's own log and hands over each record of {@code /dev/kmsg} once, by its sequence number. Confined
 * to the ingest thread. A {@link KmsgReader} reads on a thread of its own, so that {@link #poll} never waits. A record
 * is handed over as the kernel's only if it has the kernel's facility, with which no program can write.
 *
 * <p>Loss. Records have consecutive numbers, so a gap in them shows exactly how many records of any kind were
 * overwritten before they were read. The saved state is the boot and the next number. After a restart in the same boot,
 * reading continues there. In another boot, it begins at the oldest record: earlier records of that boot count as lost,
 * and the end of the previous boot is a gap of unknown size.
 *
 * <p>Backlog. The time at which a record of the backlog is read does not show its age, so {@link KernelClock} learns
 * only after the backlog, which ends when the reader waits for the kernel, or after a while. Until then the log counts
 * as not readable. Without saved state and with {@link FileTail.Start#END}, the backlog is neither counted nor lost.
 *
 * <p>A record that breaks the format counts as a read error, and also as lost, because its number is missing.
 */
public final class KmsgTail implements LogSource {
    /** The device that is read. */
    public static final Path DEVICE = DevKmsg.DEVICE;

    /** The most bytes that wait between the reader and the poll. */
    static final int RING_BYTES = 4 * 1024 * 1024;

    /** The most that one poll takes, so that the caller can do other work in between. */
    private static final int ROUND_BYTES_MAX = 1024 * 1024;

    /** If one read takes this long, the kernel has nothing more. */
    static final long WAITS_MILLIS = 100;

    /** A backlog ends after this at the latest, because under a flood the kernel always has more. */
    static final long BACKLOG_MILLIS_MAX = 2_000;

    /** Time from a failure to the next attempt to open the log. */
    static final long RETRY_MILLIS = 5_000;

    private static final long MICROS_PER_MILLI = 1_000;
    private static final long UNKNOWN = -1;
    private static final long NEVER = Long.MAX_VALUE;
    private static final int STATE_VERSION = 1;

    private sealed interface DeviceState {
        /** Not opened yet. */
        record Unopened() implements DeviceState {}

        /** It could not be opened or read. Opening will be tried again. */
        record Unreachable(Unreadable why, long atMillis) implements DeviceState {}

        /** Open. */
        record Reading(KmsgReader reader, long openedAtMillis) implements DeviceState {}
    }

    private final KernelLog log;
    private final FileTail.Start start;
    private final InstantSource wallClock; // the reader's
    private final RecordRing ring;
    private final byte[] buffer = new byte[KmsgReader.RECORD_BYTES_MAX];
    private final KmsgRecord record = new KmsgRecord();
    private final KernelClock clock = new KernelClock();
    private final TailCounts counts = new TailCounts();

    private DeviceState state = new DeviceState.Unopened();
    private String bootId = "";
    private long nextSequence = UNKNOWN;

    private boolean skipsBacklog;
    private long backlogEnd = NEVER; // position in the ring; NEVER until it is known
    private long readsSeen;
    private long readsSeenAtMillis;

    /**
     * Creates a log that opens nothing before its first {@link #poll}.
     *
     * @param start where to begin without saved state
     * @param wallClock read on the reader's thread after each record
     */
    public KmsgTail(FileTail.Start start, InstantSource wallClock) {
        this(new DevKmsg(), start, wallClock, RING_BYTES);
    }

    KmsgTail(KernelLog log, FileTail.Start start, InstantSource wallClock, int ringBytes) {
        this.log = log;
        this.start = start;
        this.wallClock = wallClock;
        ring = new RecordRing(ringBytes);
    }

    /** Whether this process can open the device. */
    public static boolean canBeOpened() {
        try (KernelLog.Records _ = new DevKmsg().open()) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    @Override
    public String kind() {
        return "kmsg";
    }

    @Override
    public String path() {
        return DEVICE.toString();
    }

    @Override
    public int poll(LineHandler handler, long nowMillis) {
        boolean due = switch (state) {
            case DeviceState.Unopened() -> true;
            // Even if the clock was set, there will be another attempt.
            case DeviceState.Unreachable(Unreadable _, long atMillis) -> Math.abs(nowMillis - atMillis) >= RETRY_MILLIS;
            case DeviceState.Reading _ -> false;
        };
        if (due) {
            open(nowMillis);
        }
        return state instanceof DeviceState.Reading reading ? read(reading, handler, nowMillis) : 0;
    }

    private void open(long nowMillis) {
        try {
            String boot = log.bootId();
            clock.estimate(nowMillis * MICROS_PER_MILLI, log.uptimeMicros());
            KmsgReader reader = KmsgReader.start(log.open(), ring, wallClock);
            enter(boot);
            skipsBacklog = nextSequence == UNKNOWN && start == FileTail.Start.END;
            backlogEnd = NEVER;
            readsSeen = 0;
            state = new DeviceState.Reading(reader, nowMillis);
        } catch (IOException e) {
            fail(Unreadable.ofKernelLog(DEVICE, e), nowMillis);
        }
    }

    private void enter(String boot) {
        if (nextSequence != UNKNOWN && !boot.equals(bootId)) {
            counts.gap(Gap.REBOOT);
            nextSequence = 0;
        }
        bootId = boot;
    }

    private int read(DeviceState.Reading reading, LineHandler handler, long nowMillis) {
        KmsgReader reader = reading.reader;
        boolean ended = reader.ended(); // must come first: if it is true, the ring already contains the last record
        if (backlogEnd == NEVER && hasCaughtUp(reading, nowMillis)) {
            backlogEnd = ring.end();
        }
        long end = ring.end();
        int total = 0;
        while (ring.position() < end && total < ROUND_BYTES_MAX) {
            boolean old = ring.position() < backlogEnd;
            int length = ring.take(buffer);
            total += length;
            take(length, old, handler, nowMillis);
        }
        if (total > 0) {
            reader.roomMade();
        }
        if (ended && ring.position() == end) {
            reader.close();
            fail(Unreadable.ofKernelLog(DEVICE, reader.failure()), nowMillis);
        }
        return total;
    }

    /**
     * Whether the backlog has ended: the reader waits for the kernel or has read for long enough, or the clock was set.
     */
    private boolean hasCaughtUp(DeviceState.Reading reading, long nowMillis) {
        long reads = reading.reader.readsBegun();
        if (reads != readsSeen) {
            readsSeen = reads;
            readsSeenAtMillis = nowMillis;
        }
        return (reads > 0 && Math.abs(nowMillis - readsSeenAtMillis) >= WAITS_MILLIS)
                || Math.abs(nowMillis - reading.openedAtMillis) >= BACKLOG_MILLIS_MAX;
    }

    private void take(int length, boolean old, LineHandler handler, long nowMillis) {
        if (!record.read(buffer, length)) {
            counts.readError(ReadFailure.IO);
            return;
        }
        long readMicros = ring.takenAtMillis() * MICROS_PER_MILLI;
        if (!old) {
            clock.sample(readMicros, record.stampMicros());
        }
        if (record.sequence() < nextSequence) {
            return; // handed over before the restart
        }
        long missing = nextSequence == UNKNOWN ? 0 : record.sequence() - nextSequence;
        nextSequence = record.sequence() + 1;
        if (old && skipsBacklog) {
            return;
        }
        counts.lost(missing);
        counts.read(length);
        counts.lastLineMillis = nowMillis;
        if (record.isKernels()) {
            long writtenMicros = clock.unixMicros(readMicros, record.stampMicros());
            handler.kernelMessage(buffer, record.textStart(), record.textLength(), writtenMicros);
        } else {
            handler.userMessage(buffer, record.textStart(), record.textLength());
        }
    }

    private void fail(Unreadable why, long nowMillis) {
        if (!(state instanceof DeviceState.Unreachable(Unreadable before, long _)) || !before.equals(why)) {
            counts.readError(why.reason());
        }
        state = new DeviceState.Unreachable(why, nowMillis);
    }

    @Override
    public boolean atEnd() {
        return !(state instanceof DeviceState.Reading && backlogEnd == NEVER) && ring.position() == ring.end();
    }

    @Override
    public boolean isReadable() {
        return state instanceof DeviceState.Reading && backlogEnd != NEVER;
    }

    @Override
    public TailSnapshot snapshot() {
        String problem = switch (state) {
            case DeviceState.Unopened() -> "";
            case DeviceState.Unreachable(Unreadable why, long _) -> why.problem();
            case DeviceState.Reading _ -> backlogEnd == NEVER ? DEVICE + ": still reading the backlog" : "";
        };
        return new TailSnapshot(
                isReadable(),
                problem,
                ring.end() - ring.position(),
                counts.readBytes,
                counts.lastLineMillis,
                0,
                0,
                counts.readErrors(),
                counts.gaps(),
                0,
                0,
                0,
                0,
                counts.lostRecords);
    }

    /** Always 0: nothing needs to be saved early, because the kernel's log does not rotate. */
    @Override
    public long turns() {
        return 0;
    }

    /** Writes the boot and the next number. Records that wait in the ring will be read again. */
    @Override
    public void save(DataOutput out) throws IOException {
        out.writeByte(STATE_VERSION);
        out.writeUTF(bootId);
        // UNKNOWN while a backlog is skipped: otherwise its rest would be counted after a restart.
        out.writeLong(skipsBacklog && backlogEnd == NEVER ? UNKNOWN : nextSequence);
        out.writeLong(counts.lostRecords);
        counts.save(out, 0, 0, 0);
    }

    @Override
    public void restore(DataInput in) throws IOException {
        int version = in.readByte();
        if (version != STATE_VERSION) {
            throw new IOException("the kernel log's state must have version " + STATE_VERSION + ": " + version);
        }
        bootId = in.readUTF();
        nextSequence = Math.max(UNKNOWN, in.readLong());
        counts.lostRecords = CheckedInput.of(in).count("lost records");
        counts.restore(in);
    }

    @Override
    public void replacesAnotherKind() {
        counts.gap(Gap.SOURCE_CHANGED);
    }

    @Override
    public void close() {
        if (state instanceof DeviceState.Reading(KmsgReader reader, long openedAtMillis)) {
            reader.close();
            state = new DeviceState.Unreachable(new Unreadable(ReadFailure.IO, DEVICE + ": closed"), openedAtMillis);
        }
    }
}
