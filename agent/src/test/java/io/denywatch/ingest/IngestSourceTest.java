package io.denywatch.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.denywatch.tail.FileTail;
import io.denywatch.tail.LineHandler;
import io.denywatch.tail.LogSource;
import io.denywatch.tail.TailSnapshot;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What counting makes of a source that breaks, or that is another than before. */
class IngestSourceTest {
    private static final byte[] LINE = ("2026-03-01T10:00:00Z n1 kernel: calico-packet: IN=eth1 OUT= MAC= SRC=192.0.2.1"
                    + " DST=203.0.113.7 LEN=40 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=40000 DPT=443"
                    + " WINDOW=64240 RES=0x00 SYN URGP=0 ")
            .getBytes(ISO_8859_1);
    private static final long NOW = 1_772_359_200_000L;

    @TempDir
    private Path directory = Path.of("");

    /** Hands over one line in each round, and moves on behind it unless something breaks in between. */
    private static final class OneLineARound implements LogSource {
        private final int roundsUntilBroken;
        private int rounds;
        private long position;

        OneLineARound(int roundsUntilBroken) {
            this.roundsUntilBroken = roundsUntilBroken;
        }

        @Override
        public int poll(LineHandler handler, long nowMillis) {
            handler.line(LINE, 0, LINE.length);
            if (rounds++ == roundsUntilBroken) {
                throw new IllegalStateException("broken");
            }
            position++;
            return LINE.length;
        }

        @Override
        public void save(DataOutput out) throws IOException {
            out.writeLong(position);
        }

        @Override
        public void restore(DataInput in) throws IOException {
            position = in.readLong();
        }

        @Override
        public String kind() {
            return "kmsg";
        }

        @Override
        public String path() {
            return "none";
        }

        @Override
        public boolean atEnd() {
            return true;
        }

        @Override
        public boolean isReadable() {
            return true;
        }

        @Override
        public TailSnapshot snapshot() {
            return TailSnapshot.unopened("");
        }

        @Override
        public long turns() {
            return 0;
        }

        @Override
        public void replacesAnotherKind() {}

        @Override
        public void close() {}
    }

    private Ingest agent(LogSource source) {
        return new Ingest(
                new Checkpoint(directory.resolve("state"), Checkpoint.SLOT_BYTES_MIN),
                savedKind -> source,
                Zero::counts,
                Zero::discovered,
                NOW);
    }

    @Test
    void whatWasCountedInARoundThatBrokeIsNotMadeDurable() {
        OneLineARound source = new OneLineARound(2);
        try (Ingest ingest = agent(source)) {
            ingest.poll(NOW);
            ingest.poll(NOW + Ingest.PUBLISH_INTERVAL_MILLIS);
            assertThrows(IllegalStateException.class, () -> ingest.poll(NOW + 2 * Ingest.PUBLISH_INTERVAL_MILLIS));
        }
        for (int process = 0; process < 3; process++) { // each dies of the same line
            OneLineARound again = new OneLineARound(0);
            try (Ingest ingest = agent(again)) {
                assertThrows(IllegalStateException.class, () -> ingest.poll(NOW));
            }
        }
        OneLineARound last = new OneLineARound(1);
        try (Ingest ingest = agent(last)) {
            ingest.poll(NOW);
            assertEquals(3, last.position);
            assertEquals(3L, ingest.snapshot().lines().get("packet"));
        }
    }

    @Test
    void anotherKindOfSourceThanBeforeIsAGapAndKeepsWhatWasCounted() throws IOException {
        try (Ingest ingest = agent(new OneLineARound(3))) {
            ingest.poll(NOW);
        }
        Path log = Files.write(directory.resolve("syslog"), LINE);
        for (int process = 0; process < 2; process++) { // the second has a position of its own kind
            try (Ingest ingest = agent(new FileTail(log, FileTail.Start.END))) {
                ingest.poll(NOW);
                assertEquals(1L, ingest.snapshot().tail().gaps().get("source_changed"));
                assertEquals(1L, ingest.snapshot().lines().get("packet"));
            }
        }
    }
}
