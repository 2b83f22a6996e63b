package io.denywatch.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrintableTextTest {
    @Test
    void noCharacterCanSteerATerminal() {
        for (int character = 0; character <= Character.MAX_CODE_POINT; character++) {
            String text = "a" + Character.toString(character) + "b";
            String line = PrintableText.line(text);
            assertTrue(PrintableText.isLine(line), () -> text);
            assertEquals(PrintableText.isLine(text), line.equals(text), text);
            assertEquals(
                    character == '\n' || line.equals(text),
                    PrintableText.of(text).equals(text),
                    text);
            String cells = PrintableText.cells(text);
            assertTrue(cells.equals(text) ? line.equals(text) : cells.equals("a?b"), text);
        }
        assertEquals("a\\u001b[2Jb\nc", PrintableText.of("a\u001b[2Jb\nc"));
        assertEquals("a?[2Jb?c", PrintableText.line("a\u001b[2Jb\nc"));
        assertFalse(PrintableText.isLine("a\u202eb"));
    }

    @Test
    void aTableHasOneLineForEachRowWhateverOthersWroteIntoIt() {
        assertEquals(
                "SOURCE             WHY\n10.0.0.0/8?10?[2J  by hand\n192.0.2.1          port scan\n",
                Columns.of(
                        List.of("SOURCE", "WHY"),
                        List.of(List.of("10.0.0.0/8\n10\u001b[2J", "by hand"), List.of("192.0.2.1", "port scan"))));
    }
}
