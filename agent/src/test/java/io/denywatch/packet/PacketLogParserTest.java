package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import io.denywatch.testing.LineMutations;
import io.denywatch.testing.PacketLines;
import java.util.EnumMap;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What only a parser of byte windows can get wrong; the language itself is in the contracts. */
class PacketLogParserTest implements BodyContract, EnvelopeContract, CorpusContract {
    private static final String LINE = HEAD + "calico-packet: " + BODY;
    private static final long SEED = 20_261_130;
    private static final int LINES = 20_000;
    private static final int TOKEN_CHARACTERS_MAX = 100;
    private static final List<String> TAILS =
            List.of("MARK=0x1 ", "0x ", "DPT=443 WINDOW=1 ", ") ", "] PROTO=TCP ", "\0");

    private final DeniedPacket packet = new DeniedPacket();

    @Override
    public Result parse(String line, Mode mode) {
        byte[] bytes = line.getBytes(ISO_8859_1);
        return ParsedFields.parse(ParsedFields.parser(mode, REFERENCE), bytes, 0, bytes.length);
    }

    @Test
    void readsNothingOutsideItsWindow() {
        for (String around : List.of("9", " ", "\n", "]", "MARK=0x1 ", "calico-packet: IN=x OUT= ", LINE, "\u00ff")) {
            for (int length = 0; length <= LINE.length(); length++) {
                String cut = LINE.substring(0, length);
                byte[] buffer = (around + cut + around).getBytes(ISO_8859_1);
                PacketLogParser parser = ParsedFields.parser(Mode.DEFAULT, REFERENCE);
                Result inside = ParsedFields.parse(parser, buffer, around.length(), length);
                assertEquals(parse(cut, Mode.DEFAULT), inside, () -> around + "<" + cut + ">" + around);
            }
        }
    }

    @Test
    void forgetsTheLineBefore() {
        PacketLogParser parser = ParsedFields.parser(Mode.DEFAULT, REFERENCE);
        DeniedPacket packet = new DeniedPacket();
        String full = HEAD + "message repeated 7 times: [ calico-packet: IN=a OUT=b PHYSIN=c PHYSOUT=d MAC=02:03 " + IP4
                + "PROTO=ICMP TYPE=3 CODE=4 [" + IP4 + TCP + "] MTU=1 UID=1 GID=2 MARK=0x3 ]";
        String sparse = "[   12.345678] calico-packetIN= OUT= " + IP6;
        for (String line : List.of(full, sparse)) {
            byte[] bytes = line.getBytes(ISO_8859_1);
            assertEquals(LineKind.PACKET, parser.parse(bytes, 0, bytes.length, packet), line);
        }
        assertEquals(1, packet.repeat());
        assertEquals(DeniedPacket.NO_TIME, packet.timeMicros());
        assertTrue(!packet.hasInner() && packet.outer().isIpv6());
        assertEquals(PacketHeader.NONE, packet.mark());
        assertEquals(PacketHeader.NONE, packet.uid());
        assertEquals(PacketHeader.NONE, packet.outer().protocol());
        assertEquals(PacketHeader.NONE, packet.outer().icmpType());
        assertEquals(packet.start(DeniedPacket.HOST), packet.end(DeniedPacket.HOST));
        assertEquals(packet.start(DeniedPacket.MAC), packet.end(DeniedPacket.MAC));
        assertEquals(packet.start(DeniedPacket.PHYS_IN), packet.end(DeniedPacket.PHYS_IN));
    }

    @Test
    void pointsAtTheByteThatBrokeTheGrammar() {
        PacketLogParser parser = ParsedFields.parser(Mode.DEFAULT, REFERENCE);
        DeniedPacket packet = new DeniedPacket();
        byte[] bytes = LINE.replace("DPT=443", "DPT=65536").getBytes(ISO_8859_1);
        assertEquals(LineKind.MALFORMED, parser.parse(bytes, 0, bytes.length, packet));
        int value = LINE.indexOf("DPT=") + "DPT=".length();
        assertTrue(
                packet.malformedAt() >= value && packet.malformedAt() <= value + "65536".length(),
                () -> "malformed at " + packet.malformedAt() + ", the port is at " + value);
    }

    /** The first break of the grammar is the one reported, whatever else is wrong with the line or right again. */
    @Test
    void reportsTheFirstBreakWhateverFollows() {
        SplittableRandom random = new SplittableRandom(SEED);
        PacketLines lines = new PacketLines(SEED);
        LineMutations mutations = new LineMutations(SEED);
        PacketLogParser parser = ParsedFields.parser(Mode.DEFAULT, REFERENCE);
        EnumMap<Malformation, Integer> checked = new EnumMap<>(Malformation.class);
        for (int i = 0; i < LINES; i++) {
            String line = mutations.mutate(lines.packetLine(), lines.packetLine());
            String broken = broken(parser, line);
            Malformation reason = packet.malformation();
            int kept = packet.malformedAt() + TOKEN_CHARACTERS_MAX;
            boolean anchored = reason != Malformation.NO_ANCHOR && line.lastIndexOf(" OUT=") < kept - " OUT=".length();
            if (!broken.isEmpty() && anchored && kept < line.length()) {
                for (String fields : TAILS) {
                    String other = line.substring(0, kept) + fields.repeat(random.nextInt(1, 4));
                    assertEquals(broken, broken(parser, other), () -> "seed " + SEED + ", <" + other + ">");
                }
                checked.merge(reason, 1, Integer::sum);
            }
        }
        List<Malformation> frequent =
                List.of(Malformation.BAD_NUMBER, Malformation.BAD_ADDRESS, Malformation.UNEXPECTED_FIELD);
        assertTrue(
                frequent.stream().allMatch(reason -> checked.getOrDefault(reason, 0) > LINES / 500), checked::toString);
    }

    /** Reason and index of a malformed line that no logger has folded, or an empty text. */
    private String broken(PacketLogParser parser, String line) {
        byte[] bytes = line.getBytes(ISO_8859_1);
        boolean malformed = parser.parse(bytes, 0, bytes.length, packet) == LineKind.MALFORMED;
        return malformed && !line.contains("message repeated")
                ? packet.malformation() + " at " + packet.malformedAt()
                : "";
    }
}
