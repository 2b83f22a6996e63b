package io.denywatch.top;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.top.KeyPress.Digit;
import io.denywatch.top.KeyPress.NamedKey;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KeyPressTest {
    private static List<KeyPress> read(String sent) {
        return KeyPress.read(sent.getBytes(ISO_8859_1));
    }

    private static ViewState pressed(ViewState view, String sent) {
        ViewState after = view;
        for (KeyPress key : read(sent)) {
            after = after.press(key, Pages.attack());
        }
        return after;
    }

    @Test
    void keysMeanWhatTheHelpSays() {
        assertEquals(List.of(NamedKey.QUIT, NamedKey.QUIT), read("q\u0003"));
        assertEquals(List.of(NamedKey.NEXT_SORT, NamedKey.PREVIOUS_SORT, NamedKey.HELP, NamedKey.ENTER), read("sS?\r"));
        assertEquals(List.of(NamedKey.UP, NamedKey.DOWN, NamedKey.NEXT_SORT), read("\u001b[A\u001bOB\u001b[C"));
        assertEquals(List.of(NamedKey.BACK, NamedKey.BACK, new Digit(1), new Digit(9)), read("\u001b019"));
    }

    @Test
    void whatMeansNothingDoesNothing() {
        assertEquals(List.of(), read(""));
        assertEquals(List.of(), read("xyz\u001b[5~\u001b[1;5H\u00e4 "));
        assertEquals(List.of(NamedKey.QUIT), read("\u001b[15~q"));
    }

    @Test
    void noBytesAreTooStrange() {
        for (int seed = 0; seed < 2_000; seed++) {
            byte[] sent = new byte[seed % 20];
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < sent.length; i++) {
                sent[i] = (byte) "\u001b[O;1A~qs?".charAt(random.nextInt(10));
            }
            int keys = KeyPress.read(sent).size();
            assertTrue(keys <= sent.length, "seed " + seed);
        }
    }

    @Test
    void sortingGoesRound() {
        ViewState view = ViewState.of(SortBy.RATE, "", 20);

        assertEquals(SortBy.PACKETS, pressed(view, "s").sort());
        assertEquals(SortBy.NAME, pressed(view, "S").sort());
        assertEquals(SortBy.RATE, pressed(view, "sssss").sort());
    }

    @Test
    void enterAndDigitsLookAtOneLoadBalancerAndEscapeAtAllAgain() {
        ViewState view = ViewState.of(SortBy.RATE, "", 20);

        assertEquals(Pages.WEB, pressed(view, "1").nlb());
        assertEquals(Pages.API, pressed(view, "\u001b[B\u001b[B\r").nlb());
        assertEquals("", pressed(view, "1\u001b").nlb());
        assertEquals("", pressed(view, "\r").nlb()); // nothing is chosen yet
        assertEquals("", pressed(view, "9").nlb()); // there are three
        assertEquals(2, pressed(view, "jjjjjj").cursor());
        assertEquals(0, pressed(view, "kkk").cursor());
    }

    @Test
    void helpComesAndGoes() {
        ViewState view = ViewState.of(SortBy.RATE, "", 20);

        assertTrue(pressed(view, "?").help());
        assertEquals(view, pressed(view, "??"));
    }
}
