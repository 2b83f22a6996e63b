package io.denywatch.packet;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes patterns off a text from left to right, and tells a text that was cut from one that went wrong: a pattern that
 * failed only because the text was over ({@link Matcher#hitEnd}) would have matched a longer line.
 */
final class ReferenceReader {
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]*");
    private static final int DECIMAL_DIGITS_MAX = 10; // of 2^32 - 1

    private final String text;
    private int at;
    private boolean ranOut;

    ReferenceReader(String text) {
        this.text = text;
    }

    /** The text is not what the grammar says. */
    static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1;

        final Malformation reason;

        Malformed(Malformation reason) {
            super(reason.label());
            this.reason = reason;
        }
    }

    /**
     * Compiles a rule in the notation of the tests: a regular expression in which {@code #} is a captured value without
     * blanks and a blank is a blank or the end of the line, because collectors strip the last one.
     */
    static Pattern rule(String notation) {
        return Pattern.compile(notation.replace(" ", "(?: |\\z)").replace("#", "([^ ]*+)"), Pattern.DOTALL);
    }

    /** Takes the rule if it is here. */
    @Nullable
    Matcher optional(Pattern rule) {
        Matcher matcher = rule.matcher(text).region(at, text.length());
        if (matcher.lookingAt()) {
            if (matcher.end() > at) {
                at = matcher.end();
                ranOut = false;
            }
            return matcher;
        }
        ranOut |= wantedMore(matcher);
        return null;
    }

    @SuppressWarnings("JdkObsolete") // whether more text could have matched is the very question
    private static boolean wantedMore(Matcher failed) {
        return failed.hitEnd();
    }

    boolean takes(Pattern rule) {
        return optional(rule) != null;
    }

    Matcher required(Pattern rule) {
        Matcher matcher = optional(rule);
        if (matcher == null) {
            throw unexpected();
        }
        return matcher;
    }

    boolean atEnd() {
        return at == text.length();
    }

    boolean endsWithBlank() {
        return text.endsWith(" ");
    }

    Malformed unexpected() {
        return new Malformed(ranOut ? Malformation.CUT : Malformation.UNEXPECTED_FIELD);
    }

    /** The group's text if it has the form; a form that the end of the line broke off is a cut. */
    String value(Matcher matcher, int group, Pattern form, Malformation otherwise) {
        Matcher value = form.matcher(matcher.group(group));
        if (value.matches()) {
            return matcher.group(group);
        }
        boolean cut = matcher.end(group) == text.length() && wantedMore(value);
        throw new Malformed(cut ? Malformation.CUT : otherwise);
    }

    /** A decimal from 0 to {@code max}, without leading zeros. */
    long decimal(Matcher matcher, int group, long max) {
        String digits = value(matcher, group, DECIMAL, Malformation.BAD_NUMBER);
        if (digits.length() > DECIMAL_DIGITS_MAX || Long.parseLong(digits) > max) {
            throw new Malformed(Malformation.BAD_NUMBER);
        }
        return Long.parseLong(digits);
    }

    /** A number in hexadecimal digits of the given form. */
    long hexadecimal(Matcher matcher, int group, Pattern form) {
        return Long.parseLong(value(matcher, group, form, Malformation.BAD_NUMBER), 16);
    }
}
