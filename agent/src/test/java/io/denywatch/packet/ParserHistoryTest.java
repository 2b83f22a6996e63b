package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import io.denywatch.testing.LineMutations;
import io.denywatch.testing.PacketLines;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What a parser remembers of lines before changes nothing about the next one: a parser that has read relatives of a line
 * reads it like a new one. Relatives share their heads, or nearly so.
 */
class ParserHistoryTest {
    private static final long SEED = 20_261_129;
    private static final int FAMILIES = 6_000;
    private static final int RELATIVES = 12;
    private static final String SOURCE = "SRC=";
    private static final List<Mode> MODES = List.of(Mode.DEFAULT, Mode.ANY, Mode.prefixes("calico-packet np ", "[UFW"));

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final PacketLines lines = new PacketLines(SEED);
    private final LineMutations mutations = new LineMutations(SEED);

    @Test
    void readsALineAsIfItWereTheFirst() {
        List<PacketLogParser> experienced =
                MODES.stream().map(ParserHistoryTest::parser).toList();
        int packets = 0;
        for (int i = 0; i < FAMILIES; i++) {
            String line = i % 3 == 0 ? fromCorpora() : lines.packetLine();
            for (int j = 0; j < RELATIVES; j++) {
                int m = random.nextInt(MODES.size());
                String relative = j < 2 ? line : relative(line);
                Read expected = read(parser(MODES.get(m)), relative);
                assertEquals(
                        expected,
                        read(experienced.get(m), relative),
                        () -> "seed " + SEED + ", " + MODES.get(m) + ", line <" + relative + "> after <" + line + ">");
                packets += expected.result.kind() == LineKind.PACKET ? 1 : 0;
            }
        }
        assertTrue(packets > FAMILIES, "hardly any relative was a packet, seed " + SEED);
    }

    private static PacketLogParser parser(Mode mode) {
        return ParsedFields.parser(mode, ParserContract.REFERENCE);
    }

    private String fromCorpora() {
        List<String> corpora = CorpusContract.all();
        return corpora.get(random.nextInt(corpora.size()));
    }

    /** With another packet in it, another time, or damage, mostly where head and packet meet. */
    private String relative(String line) {
        String other = random.nextBoolean() ? lines.packetLine() : fromCorpora();
        int source = line.indexOf(SOURCE);
        int otherSource = other.indexOf(SOURCE);
        if (source < 0 || otherSource < 0) {
            return mutations.mutate(line, other);
        }
        return switch (random.nextInt(6)) {
            case 0, 1 -> line.substring(0, source) + other.substring(otherSource);
            case 2 -> other.substring(0, otherSource) + line.substring(source);
            case 3 -> line.substring(0, Math.min(line.length(), source + random.nextInt(12)));
            case 4 -> line.substring(0, source) + mutations.mutate(line.substring(source), other);
            default -> mutations.mutate(line.substring(0, source), other) + line.substring(source);
        };
    }

    /** All that a caller can ask for. */
    private record Read(Result result, int malformedAt, String texts, long lineMicros, boolean yearless) {}

    private static Read read(PacketLogParser parser, String line) {
        byte[] buffer = line.getBytes(ISO_8859_1);
        Result result = ParsedFields.parse(parser, buffer, 0, buffer.length);
        DeniedPacket packet = new DeniedPacket();
        LineKind kind = parser.parse(buffer, 0, buffer.length, packet);
        String texts = !kind.hasPrefix() || kind == LineKind.UNRECOGNIZED
                ? ""
                : "host %d-%d prefix %d-%d in %d-%d out %d-%d"
                        .formatted(
                                packet.start(DeniedPacket.HOST),
                                packet.end(DeniedPacket.HOST),
                                packet.start(DeniedPacket.PREFIX),
                                packet.end(DeniedPacket.PREFIX),
                                packet.start(DeniedPacket.IN),
                                packet.end(DeniedPacket.IN),
                                packet.start(DeniedPacket.OUT),
                                packet.end(DeniedPacket.OUT));
        int malformedAt = kind == LineKind.MALFORMED ? packet.malformedAt() : -1;
        return new Read(result, malformedAt, texts, parser.lineMicros(), parser.isLineYearless());
    }
}
