package io.denywatch.top;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A key pressed on the terminal. */
public sealed interface KeyPress {
    /** A digit from 1 to 9. */
    record Digit(int number) implements KeyPress {}

    /** All other keys. */
    enum NamedKey implements KeyPress {
        QUIT,
        HELP,
        BACK,
        NEXT_SORT,
        PREVIOUS_SORT,
        UP,
        DOWN,
        ENTER
    }

    /** The key that quits. */
    KeyPress QUIT = NamedKey.QUIT;

    /** The keys in a terminal's input; unknown keys, and whole unknown escape sequences, are left out. */
    static List<KeyPress> read(byte[] sent) {
        String text = new String(sent, StandardCharsets.ISO_8859_1);
        List<KeyPress> keys = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            char first = text.charAt(at++);
            if (first == '\u001b' && at + 1 < text.length() && "[O".indexOf(text.charAt(at)) >= 0) {
                at++;
                while (at < text.length() - 1 && text.charAt(at) < '@') { // parameters come before the letter
                    at++;
                }
                keys.addAll(arrow(text.charAt(at++)));
            } else {
                keys.addAll(plain(first));
            }
        }
        return keys;
    }

    private static List<KeyPress> arrow(char letter) {
        return switch (letter) {
            case 'A' -> List.of(NamedKey.UP);
            case 'B' -> List.of(NamedKey.DOWN);
            case 'C' -> List.of(NamedKey.NEXT_SORT);
            case 'D' -> List.of(NamedKey.PREVIOUS_SORT);
            default -> List.of();
        };
    }

    private static List<KeyPress> plain(char key) {
        return switch (key) {
            case 'q', 'Q', '\u0003', '\u0004' -> List.of(NamedKey.QUIT); // also Ctrl-C, and Ctrl-D
            case '?', 'h' -> List.of(NamedKey.HELP);
            case 's' -> List.of(NamedKey.NEXT_SORT);
            case 'S' -> List.of(NamedKey.PREVIOUS_SORT);
            case 'k' -> List.of(NamedKey.UP);
            case 'j' -> List.of(NamedKey.DOWN);
            case '\r', '\n' -> List.of(NamedKey.ENTER);
            case '\u001b', '\u007f', '\b', '0' -> List.of(NamedKey.BACK);
            default -> key >= '1' && key <= '9' ? List.of(new Digit(key - '0')) : List.of();
        };
    }
}
