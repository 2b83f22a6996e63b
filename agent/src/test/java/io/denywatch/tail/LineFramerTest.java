package io.denywatch.tail;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineFramerTest {
    private static final int MAX = LineFramer.LINE_MAX_BYTES;

    /** All that framing says about some bytes. */
    private record Framed(List<String> lines, long oversized, long nuls, long torn, long offset) {}

    @Test
    void anyChunkingGivesWhatTheDefinitionSays() throws IOException {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            byte[] input = randomInput(random);
            Framed expected = byDefinition(input);
            assertEquals(expected, frame(new ByteArrayInputStream(input)), "whole, seed " + seed);
            int chunkMax = 1 + random.nextInt(1 << random.nextInt(17));
            assertEquals(expected, frame(new Chunks(input, random, chunkMax)), "in chunks, seed " + seed);
        }
    }

    @Test
    void takesALineAsLongAsTheLongest() throws IOException {
        for (int length : new int[] {MAX - 1, MAX}) {
            Framed framed = frame("x".repeat(length) + "\nnext\n");
            assertEquals(
                    List.of(length, 4),
                    framed.lines().stream().map(String::length).toList());
            assertEquals(0, framed.oversized());
        }
    }

    @Test
    void skipsALongerLineAndCountsItOnce() throws IOException {
        for (int length : new int[] {MAX + 1, 5 * MAX, 20 * MAX}) {
            Framed framed = frame("before\n" + "x".repeat(length) + "\nnext\n");
            assertEquals(new Framed(List.of("before", "next"), 1, 0, 0, length + 13), framed);
        }
    }

    @Test
    void keepsCarriageReturnsTabsAndEmptyLines() throws IOException {
        assertEquals(
                List.of("a\r", "", "\tb\t", "\r"), frame("a\r\n\n\tb\t\n\r\n").lines());
    }

    @Test
    void dropsNulsBeforeALine() throws IOException {
        assertEquals(new Framed(List.of("good"), 0, 3, 0, 8), frame("\0\0\0good\n"));
    }

    @Test
    void doesNotGlueATornLineToTheOneAfterTheNuls() throws IOException {
        assertEquals(new Framed(List.of("good"), 0, 3, 1, 12), frame("half\0\0\0good\n"));
    }

    @Test
    void keepsALineThatNulsFollow() throws IOException {
        assertEquals(new Framed(List.of("good"), 0, 2, 0, 7), frame("good\0\0\n"));
    }

    @Test
    void passesTwoGibibytesOfNulsInConstantMemory() throws IOException {
        long nuls = 2L << 30;
        LineFramer framer = new LineFramer();
        List<String> lines = new ArrayList<>();
        LineHandler handler = collector(lines);
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 0;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                Arrays.fill(into, from, from + length, (byte) 0);
                return length;
            }
        };
        while (framer.position() < nuls) {
            framer.fill(endless);
            framer.drain(handler);
        }
        long skipped = framer.position();
        framer.fill(new ByteArrayInputStream("good\n".getBytes(ISO_8859_1)));
        framer.drain(handler);
        assertEquals(List.of("good"), lines);
        assertEquals(skipped, framer.counts().nulBytes);
        assertEquals(skipped + 5, framer.offset());
    }

    @Test
    void offsetWaitsBeforeATornLineWhichOnlyFinishHandsOver() throws IOException {
        LineFramer framer = new LineFramer();
        List<String> lines = new ArrayList<>();
        framer.fill(new ByteArrayInputStream("one\ntw".getBytes(ISO_8859_1)));
        framer.drain(collector(lines));
        assertEquals(4, framer.offset());
        assertEquals(6, framer.position());
        assertEquals(List.of("one"), lines);
        framer.finish(collector(lines));
        assertEquals(List.of("one", "tw"), lines);
        assertEquals(6, framer.offset());
    }

    @Test
    void finishHandsOverNothingAfterANewline() throws IOException {
        LineFramer framer = new LineFramer();
        List<String> lines = new ArrayList<>();
        framer.fill(new ByteArrayInputStream("one\n\0\0".getBytes(ISO_8859_1)));
        framer.drain(collector(lines));
        framer.finish(collector(lines));
        assertEquals(List.of("one"), lines);
    }

    @Test
    void allocatesNothing() throws IOException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] input = ("x".repeat(259) + "\n").repeat(10_000).getBytes(ISO_8859_1);
        ByteArrayInputStream in = new ByteArrayInputStream(input);
        LineFramer framer = new LineFramer();
        long[] bytes = new long[1];
        LineHandler handler = (buffer, offset, length) -> bytes[0] += length;
        long allocated = 0;
        for (int round = 0; round < 20; round++) {
            in.reset();
            long before = threads.getCurrentThreadAllocatedBytes();
            while (framer.fill(in) >= 0) {
                framer.drain(handler);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertEquals(20L * 10_000 * 259, bytes[0]);
        assertEquals(0, allocated);
    }

    private static Framed frame(String input) throws IOException {
        return frame(new ByteArrayInputStream(input.getBytes(ISO_8859_1)));
    }

    private static Framed frame(InputStream in) throws IOException {
        LineFramer framer = new LineFramer();
        List<String> lines = new ArrayList<>();
        while (framer.fill(in) >= 0) {
            framer.drain(collector(lines));
        }
        TailCounts counts = framer.counts();
        assertEquals(lines.size(), counts.lines);
        return new Framed(lines, counts.oversizedLines, counts.nulBytes, counts.tornLines(), framer.offset());
    }

    private static LineHandler collector(List<String> lines) {
        return (buffer, offset, length) -> lines.add(new String(buffer, offset, length, ISO_8859_1));
    }

    /** The rules of {@link LineFramer}, byte by byte. What stands after the last newline counts as far as it is decided. */
    private static Framed byDefinition(byte[] input) {
        List<String> lines = new ArrayList<>();
        long oversized = 0;
        long nuls = 0;
        long torn = 0;
        long offset = 0;
        boolean cut = false;
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < input.length; i++) {
            if (input[i] == 0) {
                nuls++;
                cut = true;
            } else if (input[i] == '\n') {
                if (text.length() > MAX) {
                    oversized++;
                } else {
                    lines.add(text.toString());
                }
                offset = i + 1L;
                text.setLength(0);
                cut = false;
            } else {
                if (cut && !text.isEmpty()) {
                    torn++;
                    text.setLength(0);
                }
                cut = false;
                text.append((char) (input[i] & 0xff));
            }
        }
        return new Framed(lines, oversized, nuls, torn, offset);
    }

    private static byte[] randomInput(Random random) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        int parts = random.nextInt(60);
        for (int i = 0; i < parts; i++) {
            switch (random.nextInt(8)) {
                case 0 -> input.writeBytes(new byte[1 + random.nextInt(1 << random.nextInt(12))]);
                case 1 ->
                    input.writeBytes("x".repeat(MAX - 1 + random.nextInt(3)).getBytes(ISO_8859_1));
                case 2, 3 -> input.write('\n');
                default -> {
                    byte[] bytes = new byte[random.nextInt(300)];
                    random.nextBytes(bytes);
                    input.writeBytes(bytes);
                    if (random.nextBoolean()) {
                        input.write('\n');
                    }
                }
            }
        }
        return input.toByteArray();
    }

    /** Gives out its bytes in pieces of random length. */
    private static final class Chunks extends ByteArrayInputStream {
        private final Random random;
        private final int chunkMax;

        Chunks(byte[] bytes, Random random, int chunkMax) {
            super(bytes);
            this.random = random;
            this.chunkMax = chunkMax;
        }

        @Override
        public synchronized int read(byte[] into, int from, int length) {
            return super.read(into, from, Math.min(length, 1 + random.nextInt(chunkMax)));
        }
    }
}
