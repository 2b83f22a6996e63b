package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.testing.LineMutations;
import io.denywatch.testing.PacketLines;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The hot path leaves nothing to collect, whatever the lines. */
class PacketLogParserAllocationTest {
    private static final long SEED = 20_261_125;
    private static final int GENERATED = 2_000;
    private static final int WARM_UP_ROUNDS = 20;
    private static final int MEASURED_ROUNDS = 3;

    @Test
    void allocatesNothing() {
        byte[][] lines = lines();
        DeniedPacket packet = new DeniedPacket();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (Mode mode : List.of(Mode.DEFAULT, Mode.ANY)) {
            PacketLogParser parser = ParsedFields.parser(mode, ParserContract.REFERENCE);
            int packets = parse(parser, lines, packet, WARM_UP_ROUNDS);
            long before = threads.getCurrentThreadAllocatedBytes();
            int measured = parse(parser, lines, packet, MEASURED_ROUNDS);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertEquals(0, allocated, () -> "bytes allocated, seed " + SEED + ", " + mode);
            assertTrue(measured > 0, "no packet was parsed");
            assertEquals(packets / WARM_UP_ROUNDS, measured / MEASURED_ROUNDS);
        }
    }

    private static int parse(PacketLogParser parser, byte[][] lines, DeniedPacket packet, int rounds) {
        int packets = 0;
        for (int round = 0; round < rounds; round++) {
            for (byte[] line : lines) {
                if (parser.parse(line, 0, line.length, packet) == LineKind.PACKET) {
                    packets++;
                }
            }
        }
        return packets;
    }

    private static byte[][] lines() {
        List<String> lines = new ArrayList<>(CorpusContract.all());
        PacketLines generated = new PacketLines(SEED);
        LineMutations mutations = new LineMutations(SEED);
        for (int i = 0; i < GENERATED; i++) {
            String line = generated.line();
            lines.add(i % 4 == 0 ? mutations.mutate(line, generated.line()) : line);
        }
        return lines.stream().map(line -> line.getBytes(ISO_8859_1)).toArray(byte[][]::new);
    }
}
