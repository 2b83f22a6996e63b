package io.denywatch.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import io.denywatch.testing.PacketLines;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The judge is judged by the same contracts as {@link PacketLogParser}, written by hand. */
class ReferenceParserTest implements BodyContract, EnvelopeContract, CorpusContract {
    private static final long SEED = 20_261_123;

    @Override
    public Result parse(String line, Mode mode) {
        return ReferenceParser.parse(line, mode, REFERENCE);
    }

    @Test
    void acceptsEveryGeneratedPacketLine() {
        PacketLines lines = new PacketLines(SEED);
        for (int i = 0; i < 20_000; i++) {
            String line = lines.packetLine();
            Result result = parse(line, Mode.DEFAULT);
            assertEquals(LineKind.PACKET, result.kind(), () -> "seed " + SEED + ": " + line + "\n" + result);
        }
    }

    @Test
    void seesEveryKindOfLineFromTheGenerator() {
        PacketLines lines = new PacketLines(SEED);
        Set<LineKind> kinds = EnumSet.noneOf(LineKind.class);
        Set<Malformation> reasons = EnumSet.noneOf(Malformation.class);
        for (int i = 0; i < 5_000; i++) {
            Result result = parse(lines.line(), Mode.DEFAULT);
            kinds.add(result.kind());
            if (result.reason() != null) {
                reasons.add(result.reason());
            }
        }
        assertEquals(EnumSet.allOf(LineKind.class), kinds);
        assertTrue(
                reasons.containsAll(Set.of(
                        Malformation.ARP, Malformation.HEADER_ONLY, Malformation.TRUNCATED, Malformation.NO_ANCHOR)),
                reasons.toString());
    }

    @Test
    void shortensAddressesAsRfc5952Says() {
        assertEquals("::", ReferenceBody.rfc5952("0000:0000:0000:0000:0000:0000:0000:0000"));
        assertEquals("::1", ReferenceBody.rfc5952("0000:0000:0000:0000:0000:0000:0000:0001"));
        assertEquals("fe80::", ReferenceBody.rfc5952("fe80:0000:0000:0000:0000:0000:0000:0000"));
        assertEquals("1:0:2::3:0:0", ReferenceBody.rfc5952("0001:0000:0002:0000:0000:0003:0000:0000"));
        assertEquals("1:0:2:3:4:5:6:7", ReferenceBody.rfc5952("0001:0000:0002:0003:0004:0005:0006:0007"));
        assertEquals("::ffff:192.0.2.1", ReferenceBody.rfc5952("0000:0000:0000:0000:0000:ffff:c000:0201"));
    }
}
