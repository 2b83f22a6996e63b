package io.denywatch.top;

import io.denywatch.process.PrintableText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One line on a terminal: texts and their styles. Texts contain no control characters, whatever was appended. */
public final class StyledLine {
    private static final String CUT = "~";
    private static final String PLAIN = "\u001b[0m";

    private final List<StyledText> spans = new ArrayList<>();

    /** The style of a text, on a terminal with colours. */
    enum Look {
        PLAIN(""),
        TITLE("\u001b[1m"),
        HEAD("\u001b[4m"),
        QUIET("\u001b[2m"),
        GOOD("\u001b[32m"),
        WARN("\u001b[33m"),
        BAD("\u001b[1;31m"),
        CHOSEN("\u001b[7m");

        private final String escape;

        Look(String escape) {
            this.escape = escape;
        }
    }

    private record StyledText(Look look, String text) {}

    /** Appends text. */
    StyledLine add(Look look, String text) {
        spans.add(new StyledText(look, PrintableText.cells(text)));
        return this;
    }

    /** Appends text without a style. */
    StyledLine add(String text) {
        return add(Look.PLAIN, text);
    }

    int length() {
        return spans.stream().mapToInt(span -> span.text.length()).sum();
    }

    /** The same line, cut to this many cells; a mark shows that something is missing. */
    StyledLine cut(int width) {
        if (length() <= width) {
            return this;
        }
        StyledLine cut = new StyledLine();
        int left = width - CUT.length();
        for (StyledText span : spans) {
            String text = span.text.substring(0, Math.min(left, span.text.length()));
            cut.add(span.look, text);
            left -= text.length();
        }
        return cut.add(CUT);
    }

    /** The same text in one style. */
    StyledLine all(Look look) {
        return new StyledLine().add(look, text());
    }

    /** The text without styles. */
    public String text() {
        return spans.stream().map(StyledText::text).collect(Collectors.joining());
    }

    /** The text with the escape sequences for its styles. */
    public String coloured() {
        return spans.stream()
                .map(span -> span.look == Look.PLAIN ? span.text : span.look.escape + span.text + PLAIN)
                .collect(Collectors.joining());
    }
}
