package io.denywatch.top;

/**
 * Makes text of agents safe for a terminal: others choose parts of it, and some characters are commands to the
 * terminal. {@link StyledLine} applies this once to all text.
 */
final class Printable {
    private static final int REPLACEMENT = '?';

    private Printable() {}

    /** The text with a question mark for each character that is not one visible cell in a line of a terminal. */
    static String of(String text) {
        return text.codePoints()
                .map(character -> isOneCell(character) ? character : REPLACEMENT)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isOneCell(int character) {
        boolean narrow = character < 0x1100 || (character >= 0x2010 && character < 0x2C00); // letters of Asia are wider
        return narrow
                && switch (Character.getType(character)) {
                    case Character.CONTROL,
                            Character.FORMAT, // includes characters that reverse the writing direction
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.NON_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.COMBINING_SPACING_MARK -> false;
                    default -> true;
                };
    }
}
