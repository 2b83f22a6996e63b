package io.denywatch.process;

import java.util.function.IntPredicate;
import java.util.stream.Collectors;

/** Makes foreign text safe for a terminal, where some characters are commands. Stateless. */
public final class PrintableText {
    private PrintableText() {}

    /** The text with each control or format character, except newlines, replaced by its code. */
    public static String of(String text) {
        return text.chars().allMatch(c -> (c >= ' ' && c <= '~') || c == '\n')
                ? text
                : text.codePoints()
                        .mapToObj(c -> c == '\n' || isSafe(c) ? Character.toString(c) : String.format("\\u%04x", c))
                        .collect(Collectors.joining());
    }

    /** The text in one line, with a question mark for each control and format character. */
    public static String line(String text) {
        return replaced(text, PrintableText::isSafe);
    }

    /** The text with a question mark for each character that is not one visible cell in a line of a terminal. */
    public static String cells(String text) {
        return replaced(text, PrintableText::isOneCell);
    }

    /** Whether the text has no control or format character, not even a newline. */
    public static boolean isLine(String text) {
        return text.codePoints().allMatch(PrintableText::isSafe);
    }

    private static String replaced(String text, IntPredicate kept) {
        return text.codePoints()
                .map(character -> kept.test(character) ? character : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isSafe(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT, // includes characters that reverse the writing direction
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }

    private static boolean isOneCell(int character) {
        boolean narrow = character < 0x1100 || (character >= 0x2010 && character < 0x2C00); // others may be wide
        return narrow
                && isSafe(character)
                && switch (Character.getType(character)) {
                    case Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.NON_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.COMBINING_SPACING_MARK -> false;
                    default -> true;
                };
    }
}
