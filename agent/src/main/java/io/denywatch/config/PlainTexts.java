package io.denywatch.config;

import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Quotes values of text settings that YAML would read as its own syntax, such as {@code [::]:9464}. */
final class PlainTexts {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String KEY = "(?:[A-Za-z]+\\.)*(?:"
            + Arrays.stream(Setting.values())
                    .filter(Setting::isText)
                    .map(setting -> setting.key().replaceFirst(".*\\.", ""))
                    .distinct()
                    .collect(Collectors.joining("|"))
            + "):[ \t]+";
    /** A key and its value, which extends to the end of the line or to a comment. */
    private static final Pattern IN_BLOCK = Pattern.compile("(?m)^([ \t]*" + KEY + ")(.*?)(?=[ \t]*$|[ \t]+#)");
    /** A key and its value, which extends to the next key or to the end of the mapping. */
    private static final Pattern IN_FLOW = Pattern.compile("([{,][ \t]*" + KEY + ")([^,}\n]*)");

    private PlainTexts() {}

    /** Puts each such value of a configuration file in quotes; leaves everything else unchanged. */
    static String quote(String file) {
        try {
            YAML.readTree(file);
            return file;
        } catch (JacksonException e) {
            String block = IN_BLOCK.matcher(file).replaceAll(PlainTexts::quoted);
            return IN_FLOW.matcher(block).replaceAll(PlainTexts::quoted);
        }
    }

    private static String quoted(MatchResult value) {
        String text = value.group(2).strip();
        String replacement = isPlain(text) ? value.group(1) + "'" + text.replace("'", "''") + "'" : value.group();
        return Matcher.quoteReplacement(replacement);
    }

    /**
     * Whether this value of a text setting must be quoted: it is not valid YAML, or YAML reads it as a key and its
     * value.
     */
    static boolean isPlain(String value) {
        if (count(value, '[') != count(value, ']') || count(value, '{') != count(value, '}')) {
            return false; // the beginning of a longer value
        }
        try {
            return YAML.readTree(value).isObject() && !value.startsWith("{");
        } catch (JacksonException e) {
            return true;
        }
    }

    private static long count(String text, char wanted) {
        return text.chars().filter(c -> c == wanted).count();
    }
}
