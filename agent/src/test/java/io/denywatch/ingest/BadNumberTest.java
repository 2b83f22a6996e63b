package io.denywatch.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.count.Count;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.ingest.SavedNumbers.Restored;
import io.denywatch.tail.FileTail;
import io.denywatch.tail.LogSource;
import io.denywatch.testing.EdgeLines;
import io.denywatch.testing.LogFile;
import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A record in which one number is wrong, whichever and however: all others are restored. */
class BadNumberTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final long[] LONGS = {
        -1,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        Count.MAX - 1,
        Count.MAX,
        Count.MAX + 1,
        1L << 31,
        (1L << 32) - 1,
        -7446744073709551627L
    };
    private static final int[] INTS = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 65_536, -2};

    @TempDir
    private Path directory = Path.of("");

    private final SavedNumbers numbers = new SavedNumbers(Zero::counts, this::source);
    private byte[] record = {};

    private LogSource source() {
        return new FileTail(directory.resolve("syslog"), FileTail.Start.BEGINNING);
    }

    @BeforeEach
    void count() throws IOException {
        EdgeLines lines = new EdgeLines(11);
        LogFile log = new LogFile(directory.resolve("syslog"));
        for (int i = 0; i < 200; i++) {
            log.append(lines.line(NOW) + "\n");
        }
        ByteArrayOutputStream buffer = new ByteArrayOutputStream();
        IngestState counts = Zero.counts();
        counts.time().reference(NOW.toEpochMilli() * 1_000);
        counts.counter().begin(NOW.toEpochMilli(), true);
        try (LogSource source = source()) {
            while (source.poll(counts.counter(), NOW.toEpochMilli()) > 0) {
                // until all is read
            }
            DataOutput out = new DataOutputStream(buffer);
            out.writeLong(NOW.toEpochMilli());
            counts.save(out);
            out.writeUTF(source.kind());
            source.save(out);
        }
        record = buffer.toByteArray();
    }

    /** All that is counted, by name. */
    private static Map<String, Long> flat(IngestState counts) {
        Map<String, Long> flat = new TreeMap<>(counts.counter().results(0));
        counts.counter().malformed().forEach((reason, lines) -> flat.put("malformed " + reason, lines));
        counts.counter().suppressed().forEach((reporter, lines) -> flat.put("suppressed " + reporter, lines));
        List<LoadBalancerDenials> nlbs =
                new ArrayList<>(counts.table().snapshot().loadBalancers());
        nlbs.add(counts.table().snapshot().other());
        flat.put("evicted", counts.table().snapshot().evictedForCapacity());
        flat.put("idle", counts.table().snapshot().evictedIdle());
        for (LoadBalancerDenials nlb : nlbs) {
            flat.put(nlb.nlb() + " packets", nlb.packets());
            flat.put(nlb.nlb() + " bytes", nlb.bytes());
            flat.put(nlb.nlb() + " late", nlb.latePackets());
            for (PortTotal total : nlb.totals()) {
                String name = nlb.nlb() + " " + total.transport() + " " + total.port();
                flat.put(name + " packets", total.packets());
                flat.put(name + " bytes", total.bytes());
            }
            for (PortCount port : nlb.topPorts()) {
                flat.put(nlb.nlb() + " port " + port.transport() + " " + port.port(), port.packets());
            }
        }
        return flat;
    }

    private static Map<String, Long> differences(Map<String, Long> from, Map<String, Long> to) {
        Map<String, Long> differences = new TreeMap<>();
        from.forEach((name, count) -> {
            if (!count.equals(to.getOrDefault(name, 0L))) {
                differences.put(name, to.getOrDefault(name, 0L));
            }
        });
        return differences;
    }

    private static void assertCounts(Map<String, Long> flat, String about) {
        flat.forEach(
                (name, count) -> assertTrue(count == Count.nearest(count), () -> about + ": " + name + " " + count));
    }

    @Test
    void isItselfWhole() throws IOException {
        Restored whole = numbers.restore(record);
        assertEquals("", whole.dropped());
        assertTrue(flat(whole.counts()).getOrDefault("packet", 0L) > 50, flat(whole.counts())::toString);
    }

    @Test
    void costsNoOtherCount() throws IOException {
        Restored whole = numbers.restore(record);
        Map<String, Long> all = flat(whole.counts());
        int mended = 0;
        for (int at : whole.longs()) {
            if (at >= whole.countsEnd()) {
                continue;
            }
            for (long value : LONGS) {
                String about = value + " at " + at;
                byte[] broken = record.clone();
                ByteBuffer.wrap(broken).putLong(at, value);
                Restored restored;
                try {
                    restored = numbers.restore(broken);
                } catch (IOException e) {
                    assertFalse(isNumber(at), () -> about + ": " + e); // a name of eight letters
                    continue;
                }
                assertCounts(flat(restored.counts()), about);
                if (!restored.dropped().isEmpty() && !restored.dropped().startsWith("second")) {
                    mended++;
                    // A port's total is also in those of its load balancer.
                    assertTrue(
                            differences(all, flat(restored.counts())).size() <= 2,
                            () -> about + ": " + differences(all, flat(restored.counts())) + ", dropped "
                                    + restored.dropped());
                }
            }
        }
        assertTrue(mended > 100, "hardly any was mended: " + mended);
    }

    /** Whether the eight bytes are no text. */
    private boolean isNumber(int at) {
        for (int i = at; i < at + Long.BYTES; i++) {
            if (record[i] < ' ') {
                return true;
            }
        }
        return false;
    }

    @Test
    void isNeverTakenForACount() throws IOException {
        Restored whole = numbers.restore(record);
        int mended = 0;
        int refused = 0;
        for (int at : whole.ints()) {
            for (int value : INTS) {
                byte[] broken = record.clone();
                ByteBuffer.wrap(broken).putInt(at, value);
                try {
                    Restored restored = numbers.restore(broken);
                    assertCounts(flat(restored.counts()), value + " at " + at);
                    mended += restored.dropped().isEmpty() ? 0 : 1;
                } catch (IOException _) {
                    refused++; // how many of a thing follow
                }
            }
        }
        assertTrue(mended > 100 && refused > 5, mended + " mended, " + refused + " refused");
    }
}
