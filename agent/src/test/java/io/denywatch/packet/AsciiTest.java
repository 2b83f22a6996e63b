package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What looks at eight bytes at a time finds what one finds that looks at each. */
class AsciiTest {
    private static final long SEED = 20_261_130;
    private static final int TEXTS = 100_000;
    private static final int LENGTH_MAX = 70;
    private static final String OUT = " OUT=";
    private static final List<String> PREFIXES = List.of("packet", "calico-packet-by", "deny");

    @Test
    void findsBytesWhereverTheyStand() {
        Random random = new Random(SEED);
        for (int i = 0; i < TEXTS; i++) {
            // The bytes next to the wanted one, and those with its high bit, are what carries and signs would confuse.
            byte wanted = (byte) random.nextInt(256);
            byte[] text = new byte[random.nextInt(LENGTH_MAX)];
            for (int p = 0; p < text.length; p++) {
                text[p] = (byte) (random.nextInt(20) == 0 ? wanted : wanted + 1 - 0x80 * random.nextInt(2));
            }
            int from = random.nextInt(text.length + 1);
            int end = from + random.nextInt(text.length + 1 - from);
            assertEquals(
                    naiveIndexOf(text, from, end, wanted),
                    Ascii.indexOf(text, from, end, wanted),
                    () -> "seed " + SEED + ", byte " + wanted + " in [" + from + ", " + end + ") of "
                            + Arrays.toString(text));
        }
    }

    @Test
    void findsWordsWhereTheirCharactersAre() {
        Random random = new Random(SEED);
        int found = 0;
        for (int i = 0; i < TEXTS; i++) {
            byte[] text = new byte[3 * Long.BYTES];
            for (int p = 0; p < text.length; p++) {
                text[p] = (byte) (random.nextInt(8) == 0 ? random.nextInt(256) : "A= ".charAt(random.nextInt(3)));
            }
            int at = random.nextInt(2 * Long.BYTES);
            int length = random.nextInt(1, Long.BYTES + 1);
            String characters = new String(text, random.nextInt(2 * Long.BYTES), length, ISO_8859_1);
            if (characters.chars().allMatch(c -> c > 0 && c < 0x80)) {
                long word = Ascii.word(characters);
                boolean expected = new String(text, at, length, ISO_8859_1).equals(characters);
                found += expected ? 1 : 0;
                assertEquals(length, Ascii.length(word), () -> "seed " + SEED + ", <" + characters + ">");
                assertEquals(
                        expected,
                        Ascii.is(text, at, word),
                        () -> "seed " + SEED + ", <" + characters + "> at " + at + " of " + Arrays.toString(text));
            }
        }
        assertTrue(found > TEXTS / 20 && found < TEXTS / 2, "words found: " + found);
    }

    @Test
    void findsOutAndPrefixAtEachAlignmentAndAtTheEnd() {
        LogPrefixes prefixes = new LogPrefixes(PREFIXES);
        for (String prefix : PREFIXES) {
            for (int before = 0; before < 24; before++) {
                for (int after = 0; after < 24; after++) {
                    String first = "U".repeat(before);
                    assertContains(prefixes, first + OUT + "x".repeat(after) + prefix, true);
                    assertContains(prefixes, first + prefix + "x".repeat(after) + OUT, true);
                    assertContains(prefixes, first + OUT + prefix + "=".repeat(after), true);
                    assertContains(prefixes, first + " OUT" + prefix + "=".repeat(after), false);
                }
            }
        }
    }

    @Test
    void findsOutAndPrefixWhereSearchesForTextsDo() {
        Random random = new Random(SEED);
        LogPrefixes prefixes = new LogPrefixes(PREFIXES);
        String[] pieces = {
            OUT, " OUT", "OUT=", "U", "=", " ", "packet", "calico-", "calico-packet", "-b", "y", "den", "\u00d5"
        };
        int found = 0;
        for (int i = 0; i < TEXTS; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(9); n > 0; n--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            String line = text.toString();
            boolean expected = line.contains(OUT) && PREFIXES.stream().anyMatch(line::contains);
            found += expected ? 1 : 0;
            assertContains(prefixes, line, expected);
        }
        assertTrue(found > TEXTS / 100 && found < TEXTS, "lines with both: " + found);
    }

    /** In an array that ends with the line, and in one that goes on with what would complete a match. */
    private static void assertContains(LogPrefixes prefixes, String line, boolean expected) {
        byte[] exact = line.getBytes(ISO_8859_1);
        byte[] longer = ("t OUT=" + line + "-by" + OUT).getBytes(ISO_8859_1);
        int at = "t OUT=".length();
        assertEquals(expected, areIn(prefixes, exact, 0, exact.length), () -> "seed " + SEED + ": " + line);
        assertEquals(
                expected, areIn(prefixes, longer, at, at + exact.length), () -> "seed " + SEED + ", inside: " + line);
        int first = PREFIXES.stream()
                .mapToInt(line::indexOf)
                .filter(index -> index >= 0)
                .min()
                .orElse(-1);
        assertEquals(first, prefixes.firstIn(exact, 0, exact.length), line);
        int firstInside = prefixes.firstIn(longer, at, at + exact.length);
        assertEquals(first, firstInside < 0 ? -1 : firstInside - at, line);
    }

    private static boolean areIn(LogPrefixes prefixes, byte[] text, int from, int end) {
        return prefixes.areInPacketLine(text, from, end, Ascii.indexOf(text, from, end, (byte) '='));
    }

    private static int naiveIndexOf(byte[] text, int from, int end, byte wanted) {
        for (int i = from; i < end; i++) {
            if (text[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
