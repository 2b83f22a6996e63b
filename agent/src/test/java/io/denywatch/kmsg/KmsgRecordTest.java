package io.denywatch.kmsg;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.testing.LineMutations;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KmsgRecordTest {
    private static final String LINE = "5,1234,158271044316,-;calico-packet: IN=eth1 OUT= SRC=192.0.2.1 \n";
    private static final String ALPHABET = "0123456789,,,;;;-c\\\\x5cxx\n =ab\u00e9\u0000";
    private static final int ROUNDS = 20_000;
    private static final int WARM_UP_ROUNDS = 20;

    /** What a record says. */
    private record Said(boolean isKernels, long sequence, long stampMicros, String text) {}

    /** The definition, in regular expressions. */
    private static Optional<Said> reference(String record) {
        Matcher matcher = Pattern.compile(
                        "(\\d{1,18}),(\\d{1,18}),(\\d{1,18}),([^,;\n][^;\n]*);([^\n]*)(?:\n.*)?", Pattern.DOTALL)
                .matcher(record);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String text = Pattern.compile("\\\\x([0-9a-f]{2})")
                .matcher(matcher.group(5))
                .replaceAll((MatchResult m) ->
                        Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(m.group(1), 16))));
        return Optional.of(new Said(
                Long.parseLong(matcher.group(1)) / 8 == 0,
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3)),
                text));
    }

    private static Optional<Said> read(KmsgRecord record, String text) {
        byte[] bytes = (text + "9,;\\x41").getBytes(ISO_8859_1); // what an earlier, longer record left behind
        if (!record.read(bytes, text.length())) {
            return Optional.empty();
        }
        return Optional.of(new Said(
                record.isKernels(),
                record.sequence(),
                record.stampMicros(),
                new String(bytes, record.textStart(), record.textLength(), ISO_8859_1)));
    }

    private static String text(String record) {
        return read(new KmsgRecord(), record).orElseThrow().text();
    }

    @Test
    void agreesWithTheDefinitionOnAnyBytes() {
        KmsgRecord record = new KmsgRecord();
        int understood = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            String text = random.nextInt(3) == 0 ? noise(random, 40) : damaged(random);
            Optional<Said> expected = reference(text);
            assertEquals(expected, read(record, text), "seed " + seed + ": " + text);
            understood += expected.isPresent() ? 1 : 0;
        }
        assertTrue(understood > ROUNDS / 10 && understood < ROUNDS, "understood " + understood);
    }

    private static String noise(SplittableRandom random, int lengthMax) {
        return IntStream.range(0, random.nextInt(lengthMax))
                .mapToObj(i ->
                        ALPHABET.substring(random.nextInt(ALPHABET.length())).substring(0, 1))
                .reduce("", String::concat);
    }

    private static String damaged(SplittableRandom random) {
        String more = random.nextBoolean() ? ",caller=T12" : "";
        String dictionary = random.nextBoolean() ? " SUBSYSTEM=net\n DEVICE=+net:\\x5c;\n" : "";
        String record = random.nextInt(200) + "," + random.nextLong(1L << random.nextInt(1, 62)) + ","
                + random.nextInt(1_000_000) + ",-" + more + ";" + noise(random, 60) + "\n" + dictionary;
        int at = random.nextInt(record.length());
        return switch (random.nextInt(4)) {
            case 0 -> record.substring(0, at);
            case 1 -> record.substring(0, at) + noise(random, 4) + record.substring(at);
            default -> record;
        };
    }

    @Test
    void readsARecordOfTheLogTarget() {
        assertEquals(
                Optional.of(new Said(true, 1234, 158_271_044_316L, "calico-packet: IN=eth1 OUT= SRC=192.0.2.1 ")),
                read(new KmsgRecord(), LINE));
    }

    @Test
    void ignoresFurtherFieldsAndTheLinesBehind() {
        assertEquals(
                "text; with, more", text("6,1,2,c,caller=T1,x;text; with, more\n SUBSYSTEM=acpi\n DEVICE=+acpi:1\n"));
    }

    @Test
    void unescapesWhatTheKernelEscaped() {
        assertEquals(
                "\u00c3\u00a9 tab\t back\\ x41 \\xZZ \\x4",
                text("6,1,2,-;\\xc3\\xa9 tab\\x09 back\\x5c x41 \\xZZ \\x4"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0,1,2,-;k", "5,1,2,-;k", "7,1,2,-;k"})
    void facilityZeroIsTheKernels(String record) {
        assertTrue(read(new KmsgRecord(), record).orElseThrow().isKernels());
    }

    @ParameterizedTest
    @ValueSource(strings = {"8,1,2,-;u", "12,1,2,-;u", "13,1,2,-;u", "30,1,2,-;u", "2147483648,1,2,-;u"})
    void anyOtherFacilityIsNot(String record) {
        assertTrue(!read(new KmsgRecord(), record).orElseThrow().isKernels());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "5,",
                "5,1,2,-",
                "5,1,2;text",
                "5,1,;text",
                "5,1,2,;text",
                ",1,2,-;text",
                "-5,1,2,-;text",
                "5 ,1,2,-;text",
                "5,1,2,-\n;text",
                "<5>text",
                "5,1234567890123456789,2,-;text"
            })
    void refusesWhatIsNoRecord(String record) {
        assertEquals(Optional.empty(), read(new KmsgRecord(), record));
    }

    @Test
    void allocatesNothingFromDeviceToText() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Recycling device = new Recycling();
        KmsgReader reader = KmsgReader.of(device, device.ring, InstantSource.system());
        for (int round = 0; round < WARM_UP_ROUNDS; round++) {
            reader.readAll();
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        reader.readAll();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertEquals(ROUNDS * (WARM_UP_ROUNDS + 1), device.understood);
        assertEquals(0, allocated, "bytes allocated over " + ROUNDS + " records");
    }

    /** Gives the same record again and again, having taken the one before from the ring; ends after each {@link #ROUNDS}. */
    private static final class Recycling implements KernelLog.Records {
        private final byte[] line = LINE.replace("IN=", "\\x5cIN=").getBytes(ISO_8859_1);
        private final AsynchronousCloseException end = new AsynchronousCloseException();
        private final RecordRing ring = new RecordRing(1 << 16);
        private final byte[] buffer = new byte[KmsgReader.RECORD_BYTES_MAX];
        private final KmsgRecord record = new KmsgRecord();
        private int given;
        private int understood;

        @Override
        public int read(ByteBuffer into) throws IOException {
            while (ring.position() < ring.end()) {
                understood += record.read(buffer, ring.take(buffer)) ? 1 : 0;
            }
            if (given == ROUNDS) {
                given = 0;
                throw end;
            }
            given++;
            into.put(line);
            return line.length;
        }

        @Override
        public void close() {}
    }

    @Test
    void takesNoNumberThatALongCannotHold() {
        SplittableRandom random = new SplittableRandom(5);
        int records = 0;
        for (int i = 0; i < 20_000; i++) {
            String text = LineMutations.edge(random) + "," + LineMutations.edge(random) + ","
                    + LineMutations.edge(random) + ",-;calico-packet: ";
            KmsgRecord record = new KmsgRecord();
            byte[] bytes = text.getBytes(ISO_8859_1);
            if (record.read(bytes, bytes.length)) {
                records++;
                assertTrue(record.sequence() >= 0 && record.sequence() < Long.MAX_VALUE, text);
                assertTrue(record.stampMicros() >= 0, text);
            }
        }
        assertTrue(records > 100, "hardly any was a record: " + records);
    }
}
