package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.testing.LineMutations;
import io.denywatch.testing.PacketLines;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What counting asks for comes out as it went in. */
class PackedLinesTest {
    private static final long SEED = 20_261_130;
    private static final int LINES = 20_000;

    /** What {@code ingest} and {@code denial} ask a line for. */
    private sealed interface Asked permits Packet, Malformed, Suppressed, Other {
        static Asked of(LineKind kind, DeniedPacket packet) {
            return switch (kind) {
                case MALFORMED -> new Malformed(packet.malformation());
                case SUPPRESSION, REPETITION -> new Suppressed(packet.suppressor(), packet.suppressedLines());
                case UNRECOGNIZED, OTHER -> new Other(kind);
                case PACKET, RESPONSE_ESTABLISHED, RESPONSE_RESET, RESPONSE_ICMP_ERROR -> Packet.of(kind, packet);
            };
        }
    }

    private record Malformed(Malformation reason) implements Asked {}

    private record Suppressed(Suppressor by, long lines) implements Asked {}

    private record Other(LineKind kind) implements Asked {}

    private record Packet(
            LineKind kind,
            List<Long> addresses,
            boolean ipv6,
            int length,
            int protocol,
            int sourcePort,
            int destinationPort,
            int tcpFlags,
            long timeMicros,
            boolean yearless,
            int repeat)
            implements Asked {
        static Packet of(LineKind kind, DeniedPacket packet) {
            PacketHeader header = packet.outer();
            return new Packet(
                    kind,
                    List.of(header.sourceHigh(), header.sourceLow(), header.destinationHigh(), header.destinationLow()),
                    header.isIpv6(),
                    header.length(),
                    header.protocol(),
                    header.sourcePort(),
                    header.destinationPort(),
                    header.tcpFlags(),
                    packet.timeMicros(),
                    packet.isYearless(),
                    packet.repeat());
        }
    }

    @Test
    void givesBackWhatWasAdded() {
        SplittableRandom random = new SplittableRandom(SEED);
        PacketLines generated = new PacketLines(SEED);
        LineMutations mutations = new LineMutations(SEED);
        List<String> corpora = CorpusContract.all();
        PacketLogParser parser = ParsedFields.parser(ReferenceParser.Mode.ANY, ParserContract.REFERENCE);
        DeniedPacket packet = new DeniedPacket();
        PackedLines packed = new PackedLines(1);
        for (int round = 0; round < 2; round++) { // the second finds room, and old lines in it
            packed.clear();
            List<Asked> expected = new ArrayList<>();
            for (int i = 0; i < LINES; i++) {
                String line = random.nextBoolean() ? generated.line() : corpora.get(random.nextInt(corpora.size()));
                byte[] text = (i % 5 == 0 ? mutations.mutate(line, generated.line()) : line).getBytes(ISO_8859_1);
                LineKind kind = parser.parse(text, 0, text.length, packet);
                packed.add(kind, packet);
                expected.add(Asked.of(kind, packet));
            }
            assertEquals(LINES, packed.size());
            DeniedPacket out = new DeniedPacket();
            for (int i = 0; i < LINES; i++) {
                int line = i;
                assertEquals(
                        expected.get(i), Asked.of(packed.get(i, out), out), () -> "line " + line + ", seed " + SEED);
            }
        }
    }

    @Test
    void keepsTheWidestValues() {
        DeniedPacket packet = new DeniedPacket();
        packet.clear();
        packet.outer.ipv6 = true;
        packet.outer.sourceHigh = -1;
        packet.outer.sourceLow = Long.MIN_VALUE;
        packet.outer.destinationHigh = Long.MAX_VALUE;
        packet.outer.destinationLow = -1;
        packet.outer.length = Integer.MAX_VALUE;
        packet.outer.protocol = 255;
        packet.outer.sourcePort = 65_535;
        packet.outer.destinationPort = 65_535;
        packet.outer.tcpFlags = 0x1ff;
        packet.timeMicros = Long.MAX_VALUE;
        packet.yearless = true;
        packet.repeat = Integer.MAX_VALUE;
        packet.malformation = Malformation.values()[Malformation.values().length - 1];
        packet.suppressor = Suppressor.values()[Suppressor.values().length - 1];
        packet.suppressedLines = Long.MAX_VALUE;
        for (LineKind kind : LineKind.values()) {
            PackedLines packed = new PackedLines(1);
            packed.add(kind, packet);
            DeniedPacket out = new DeniedPacket();
            assertEquals(Asked.of(kind, packet), Asked.of(packed.get(0, out), out));
        }
    }
}
