package io.denywatch.process;

import java.util.stream.Collectors;

/** Makes foreign text safe for a terminal, where some characters are commands. Stateless. */
public final class PrintableText {
    private PrintableText() {}

    /** The text with control and format characters, but for newlines, shown by their number. */
    public static String of(String text) {
        return text.chars().allMatch(c -> (c >= ' ' && c <= '~') || c == '\n')
                ? text
                : text.codePoints()
                        .mapToObj(c -> isShown(c) ? Character.toString(c) : String.format("\\u%04x", c))
                        .collect(Collectors.joining());
    }

    private static boolean isShown(int character) {
        return character == '\n'
                || switch (Character.getType(character)) {
                    case Character.CONTROL,
                            Character.FORMAT, // also what turns the direction of writing around
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SURROGATE -> false;
                    default -> true;
                };
    }
}
