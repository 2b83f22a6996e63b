package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DeniedPacketTest {
    private final DeniedPacket packet = new DeniedPacket();

    private String text(String content) {
        byte[] bytes = ("<" + content + ">").getBytes(ISO_8859_1);
        packet.pointTo(bytes, 1, bytes.length - 2);
        return packet.lineText();
    }

    @Test
    void thereIsNoTextBeforeTheFirstLine() {
        assertEquals("", packet.lineText());
    }

    @Test
    void printableTextStandsAsItIsInTheLogWithItsTrailingBlank() {
        String printable = " !\"#$%&'()*+,-./0123456789:;<=>?@AZ[]^_`az{|}~ URGP=0 ";
        assertEquals(printable, text(printable));
    }

    @Test
    void whatWouldMoveTheCursorOrPassForAnEscapeIsWrittenAsANumber() {
        assertEquals("a\\x1b[2Jb\\x00\\x0d\\x7f\\xe9\\x5cx41", text("a\u001b[2Jb\0\r\u007f\u00e9\\x41"));
    }

    @Test
    void theCarriageReturnOfTheLinesEndIsNoneOfItsText() {
        assertEquals("a\\x0db", text("a\rb\r"));
        assertEquals("", text("\r"));
    }

    @Test
    void noLineBecomesLongerThanTheBoundOrUnprintable() {
        assertEquals("x".repeat(DeniedPacket.LINE_TEXT_MAX), text("x".repeat(DeniedPacket.LINE_TEXT_MAX)));
        assertEquals(
                "x".repeat(DeniedPacket.LINE_TEXT_MAX - 3) + "...", text("x".repeat(DeniedPacket.LINE_TEXT_MAX + 1)));
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = new byte[random.nextInt(2_000)];
            random.nextBytes(bytes);
            packet.pointTo(bytes, 0, bytes.length);
            String text = packet.lineText();
            assertTrue(text.length() <= DeniedPacket.LINE_TEXT_MAX, "seed " + seed + ": " + text.length());
            assertTrue(text.chars().allMatch(c -> c >= ' ' && c <= '~'), "seed " + seed + ": " + text);
        }
    }
}
