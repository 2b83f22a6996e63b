package io.denywatch.denial;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CurrentLineTest {
    private final CurrentLine line = new CurrentLine();

    private String text(String content) {
        byte[] bytes = ("<" + content + ">").getBytes(ISO_8859_1);
        line.pointTo(bytes, 1, bytes.length - 2);
        return line.text();
    }

    @Test
    void thereIsNoTextBeforeTheFirstLine() {
        assertEquals("", line.text());
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
        assertEquals("x".repeat(CurrentLine.TEXT_MAX), text("x".repeat(CurrentLine.TEXT_MAX)));
        assertEquals("x".repeat(CurrentLine.TEXT_MAX - 3) + "...", text("x".repeat(CurrentLine.TEXT_MAX + 1)));
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = new byte[random.nextInt(2_000)];
            random.nextBytes(bytes);
            line.pointTo(bytes, 0, bytes.length);
            String text = line.text();
            assertTrue(text.length() <= CurrentLine.TEXT_MAX, "seed " + seed + ": " + text.length());
            assertTrue(text.chars().allMatch(c -> c >= ' ' && c <= '~'), "seed " + seed + ": " + text);
        }
    }
}
