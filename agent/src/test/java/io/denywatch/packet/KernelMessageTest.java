package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import io.denywatch.testing.LineMutations;
import io.denywatch.testing.PacketLines;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A message of the kernel's without an envelope says what it says behind one. */
class KernelMessageTest {
    private static final long SEED = 20_261_124;
    private static final int GENERATED = 5_000;
    private static final Instant TIME = Instant.parse("2026-11-24T09:08:07.654321Z");
    private static final long MICROS = ChronoUnit.MICROS.between(Instant.EPOCH, TIME);

    /** What a text file has before the kernel's message. */
    private static final Pattern HEAD =
            Pattern.compile("^(?:\\S+ +){0,5}?kernel: *(?:\\[ *\\d+\\.\\d+\\] *)?(?:\\[ *[TC]\\d+\\] *)?");

    private final PacketLogParser parser = ParsedFields.parser(Mode.DEFAULT, ParserContract.REFERENCE);

    private Result parse(String line) {
        byte[] bytes = line.getBytes(ISO_8859_1);
        return ParsedFields.parse(parser, bytes, 0, bytes.length);
    }

    private Result parseMessage(String message) {
        byte[] bytes = ("<<" + message + ">>").getBytes(ISO_8859_1);
        return ParsedFields.parseKernelMessage(parser, bytes, 2, message.length(), MICROS);
    }

    @Test
    void saysTheSameWithoutEnvelopeButTimeAndHost() {
        List<String> lines = new ArrayList<>(CorpusContract.all());
        PacketLines generated = new PacketLines(SEED);
        LineMutations mutations = new LineMutations(SEED);
        for (int i = 0; i < GENERATED; i++) {
            String line = generated.line();
            Matcher head = HEAD.matcher(line);
            lines.add(
                    i % 4 == 0 && head.find()
                            ? ParserContract.HEAD + mutations.mutate(line.substring(head.end()), generated.line())
                            : line);
        }
        int compared = 0;
        for (String line : lines) {
            Matcher head = HEAD.matcher(line);
            Result expected = parse(line);
            if (expected.kind() == LineKind.OTHER
                    || expected.kind() == LineKind.UNRECOGNIZED
                    || line.endsWith("\r")
                    || !head.find()
                    || line.startsWith("[", head.end())) {
                continue;
            }
            Result actual = parseMessage(line.substring(head.end()));
            boolean timed =
                    expected.kind() == LineKind.PACKET || expected.kind().isResponse();
            assertEquals(timed ? TIME : null, actual.fields().remove("time"), line);
            expected.fields().remove("time");
            expected.fields().remove("host");
            assertEquals(expected, actual, () -> "seed " + SEED + ": " + line);
            compared++;
        }
        assertTrue(compared > GENERATED / 3, "compared only " + compared);
    }

    @Test
    void hasTheTimeThatWasGivenAndNoneOfItsText() {
        String stamped = "Nov 23 15:29:46 n1 kernel: calico-packet: " + ParserContract.BODY;

        assertEquals(LineKind.PACKET, parse(stamped).kind());
        assertEquals(LineKind.UNRECOGNIZED, parseMessage(stamped).kind());
        assertEquals(
                TIME,
                parseMessage("calico-packet: " + ParserContract.BODY).fields().get("time"));
    }

    @Test
    void isNeverYearless() {
        DeniedPacket packet = new DeniedPacket();
        byte[] line = ("Nov 23 15:29:46 n1 kernel: calico-packet: " + ParserContract.BODY).getBytes(ISO_8859_1);
        byte[] message = ("calico-packet: " + ParserContract.BODY).getBytes(ISO_8859_1);

        parser.parse(line, 0, line.length, packet);
        assertTrue(packet.isYearless());
        parser.parseKernelMessage(message, 0, message.length, MICROS, packet);
        assertFalse(packet.isYearless());
        assertEquals(packet.start(DeniedPacket.HOST), packet.end(DeniedPacket.HOST));
    }

    @Test
    void takesTheKernelsNoticesAndNotThoseOfLoggers() {
        assertEquals(
                LineKind.SUPPRESSION,
                parseMessage("net_ratelimit: 17 callbacks suppressed").kind());
        assertEquals(
                LineKind.OTHER,
                parseMessage("imklog: 5 messages lost due to rate-limiting (20000 allowed within 600 seconds)")
                        .kind());
    }
}
