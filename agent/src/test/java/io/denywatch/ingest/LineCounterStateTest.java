package io.denywatch.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineCounterStateTest {
    private static final List<String> LINES = List.of(
            packet("2026-03-01T09:59:59+00:00"),
            packet("2026-03-01T10:00:07+00:00"),
            packet("2026-03-01T10:00:00+00:00").replace("calico-packet:", "calico-response-est:"),
            packet("2026-03-01T10:00:00+00:00").substring(0, 100),
            "2026-03-01T10:00:00+00:00 n1 kernel: net_ratelimit: 12 callbacks suppressed",
            "2026-03-01T10:00:00+00:00 n1 cron[1]: nothing of interest");

    private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
    private final DataOutputStream data = new DataOutputStream(buffer);

    private static String packet(String stamp) {
        return stamp + " n1 kernel: calico-packet: IN=eth1 OUT= MAC= SRC=192.0.2.1 DST=203.0.113.7 LEN=60 TOS=0x00"
                + " PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=40000 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 ";
    }

    private static LineCounter tally() {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 7);
        PacketLogParser parser = PacketLogParser.withPrefixes(List.of("calico-packet"), time);
        return new LineCounter(parser, table, ZoneOffsetEstimator.learned(time));
    }

    private static void read(LineCounter tally) {
        for (String line : LINES) {
            byte[] bytes = line.getBytes(US_ASCII);
            tally.line(bytes, 0, bytes.length);
        }
    }

    private DataOutput begin() {
        buffer.reset();
        return data;
    }

    private DataInput saved() {
        return new DataInputStream(new ByteArrayInputStream(buffer.toByteArray()));
    }

    @Test
    void countsOnWhereTheOtherLeftOff() throws IOException {
        LineCounter before = tally();
        read(before);
        before.save(begin());
        LineCounter after = tally();
        after.restore(saved());
        assertEquals(before.results(0), after.results(0));
        assertEquals(before.malformed(), after.malformed());
        assertEquals(before.suppressed(), after.suppressed());
        assertEquals(before.earliestMicros(), after.earliestMicros());
        assertEquals(before.latestMicros(), after.latestMicros());
        read(after);
        assertEquals(12, after.lines());
        assertEquals(4, after.lines(LineKind.PACKET));
        assertEquals(24, after.suppressed().get("kernel"));
        assertEquals(2, after.malformed().get("cut"));
        assertEquals(before.latestMicros(), after.latestMicros());
    }

    @Test
    void aStampFromTheFutureHidesNothingBehindIt() {
        LineCounter tally = tally();
        byte[] ahead = packet("2099-03-01T10:00:00+00:00").getBytes(US_ASCII);
        tally.line(ahead, 0, ahead.length);
        tally.begin(1_772_359_200_000L, false); // 10:00:00
        tally.linesMayRepeat();
        for (String stamp : List.of("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:01+00:00")) {
            byte[] line = packet(stamp).getBytes(US_ASCII);
            tally.line(line, 0, line.length);
        }
        assertEquals(2, tally.lines(LineKind.PACKET)); // the first of the two may be a repetition
    }

    @Test
    void aTallyThatReadNothingIsRestoredAsOne() throws IOException {
        tally().save(begin());
        LineCounter after = tally();
        after.restore(saved());
        assertEquals(0, after.lines());
        read(after);
        assertEquals(1_772_359_199_000_000L, after.earliestMicros());
        assertEquals(1_772_359_207_000_000L, after.latestMicros());
    }

    @Test
    void skipsNamesOfAnotherRelease() throws IOException {
        DataOutput out = begin();
        out.writeInt(2);
        out.writeUTF("telegram");
        out.writeLong(5);
        out.writeUTF("packet");
        out.writeLong(3);
        out.writeInt(0);
        out.writeInt(0);
        out.writeLong(0);
        out.writeLong(0);
        LineCounter after = tally();
        after.restore(saved());
        assertEquals(3, after.lines());
        assertEquals(3, after.lines(LineKind.PACKET));
    }

    @Test
    void refusesWhatNoTallySaves() throws IOException {
        begin().writeInt(1_000_000_000);
        assertThrows(IOException.class, () -> tally().restore(saved()));
        DataOutput out = begin();
        out.writeInt(1);
        out.writeUTF("packet");
        out.writeLong(-1);
        assertThrows(IOException.class, () -> tally().restore(saved()), "it ends there");
        begin();
        assertThrows(IOException.class, () -> tally().restore(saved()));
    }

    @Test
    void goesOnWithoutANumberThatCannotBe() throws IOException {
        DataOutput out = begin();
        out.writeInt(3);
        for (LineKind kind : List.of(LineKind.PACKET, LineKind.OTHER, LineKind.MALFORMED)) {
            out.writeUTF(kind.label());
            out.writeLong(kind == LineKind.PACKET ? -1 : kind == LineKind.OTHER ? Count.MAX : Count.MAX + 1);
        }
        out.writeInt(0);
        out.writeInt(0);
        out.writeLong(-1);
        out.writeLong(Long.MAX_VALUE);
        CheckedInput in = new CheckedInput(new ByteArrayInputStream(buffer.toByteArray()));
        LineCounter after = tally();
        after.restore(in);
        assertEquals(0, after.lines(LineKind.PACKET));
        assertEquals(Count.MAX, after.lines(LineKind.OTHER));
        assertEquals(0, after.lines(LineKind.MALFORMED));
        assertEquals(DeniedPacket.NO_TIME, after.latestMicros());
        assertEquals(
                "lines counted as packet (-1), lines counted as malformed (9007199254740993),"
                        + " earliest event time (-1) and 1 more",
                in.dropped());
        read(after);
        assertEquals(2, after.lines(LineKind.PACKET));
        assertEquals(Count.MAX, after.lines(LineKind.OTHER));
        assertEquals(1_772_359_199_000_000L, after.earliestMicros());
    }

    @Test
    void savingAllocatesNextToNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        LineCounter tally = tally();
        read(tally);
        tally.save(begin());
        int length = buffer.size();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1_000; i++) {
            tally.save(begin());
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated < 256_000, allocated + " bytes for 1,000 times");
        assertEquals(length, buffer.size());
    }
}
