package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import io.denywatch.testing.LineMutations;
import io.denywatch.testing.PacketLines;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * {@link PacketLogParser} against {@link ReferenceParser}, line by line.
 *
 * <p>The relation: the same kind, and the same fields or suppression notice. Why a line is malformed must be the same
 * where a line of the generator or a corpus is whole or only cut short; on a line with other damage two right parsers may
 * stumble over different bytes of it. A cut {@code message repeated} line is left out of that: both its bracket and its
 * body are broken.
 */
class PacketLogParserDifferentialTest {
    private static final long SEED = 20_261_124;
    private static final int WHOLE_LINES = 40_000;
    private static final int MUTATED_LINES = 120_000;
    private static final int CUT_LINES = 120;
    private static final String HOSTILE = "0123456789 MARK=0x1 SRC=1.2.3.4 calico-packet: IN=x OUT= ]:\n\r\u00ff";
    private static final List<Mode> MODES = List.of(Mode.DEFAULT, Mode.ANY, Mode.prefixes("calico-packet np ", "[UFW"));

    private final List<PacketLogParser> parsers = MODES.stream()
            .map(mode -> ParsedFields.parser(mode, ParserContract.REFERENCE))
            .toList();
    private final SplittableRandom random = new SplittableRandom(SEED);

    @Test
    void agreesOnEveryLineOfTheCorpora() {
        for (String line : CorpusContract.all()) {
            assertAgree(line, true);
            for (int length = 0; length < line.length(); length++) {
                assertAgree(line.substring(0, length), !line.contains("message repeated"));
            }
        }
    }

    @Test
    void agreesOnGeneratedLines() {
        PacketLines lines = new PacketLines(SEED);
        for (int i = 0; i < WHOLE_LINES; i++) {
            assertAgree(lines.line(), true);
        }
    }

    @Test
    void agreesOnGeneratedLinesCutAtEveryByte() {
        PacketLines lines = new PacketLines(SEED + 1);
        for (int i = 0; i < CUT_LINES; i++) {
            String line = lines.line();
            for (int length = 0; length < line.length(); length++) {
                assertAgree(line.substring(0, length), !line.contains("message repeated"));
            }
        }
    }

    @Test
    void agreesOnDamagedLines() {
        PacketLines lines = new PacketLines(SEED + 2);
        LineMutations mutations = new LineMutations(SEED + 2);
        List<String> corpus = CorpusContract.all();
        for (int i = 0; i < MUTATED_LINES; i++) {
            String line = i % 4 == 0 ? corpus.get(random.nextInt(corpus.size())) : lines.line();
            assertAgree(mutations.mutate(line, lines.packetLine()), false);
        }
    }

    private void assertAgree(String line, boolean reasonToo) {
        int m = random.nextInt(MODES.size());
        Result expected = ReferenceParser.parse(line, MODES.get(m), ParserContract.REFERENCE);
        Result actual = parse(line, m);
        boolean agree = actual.kind() == expected.kind()
                && actual.fields().equals(expected.fields())
                && (!reasonToo || actual.reason() == expected.reason());
        if (!agree) {
            assertEquals(readable(expected), readable(actual), () -> about(line, m));
            fail(about(line, m));
        }
    }

    private static String readable(Result result) {
        return result.toString().replace(", ", "\n");
    }

    private static String about(String line, int mode) {
        return "seed " + SEED + ", " + MODES.get(mode) + ", line <" + line + ">";
    }

    /** Parses the line at a random place between bytes that would change it, or with nothing around it. */
    private Result parse(String line, int mode) {
        int before = random.nextInt(3) * random.nextInt(HOSTILE.length());
        int after = before == 0 ? 0 : HOSTILE.length();
        String around = before == 0 ? line : HOSTILE.repeat(2).substring(0, before) + line + HOSTILE;
        byte[] buffer = around.getBytes(ISO_8859_1);
        try {
            return ParsedFields.parse(parsers.get(mode), buffer, before, buffer.length - before - after);
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new AssertionError(about(line, mode), e);
        }
    }
}
