package io.denywatch.process;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as operators write them: a number and one unit. */
public final class Spans {
    /** What may be written, in words. */
    public static final String ALLOWED = "a number with s, m, h or d, such as 90s, 10m, 1h or 7d";

    private static final Pattern SPAN = Pattern.compile("([0-9]{1,7})([smhd])");

    private Spans() {}

    /** The span, or empty if the text is not a span. */
    public static Optional<Duration> parse(String text) {
        Matcher parts = SPAN.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        long number = Long.parseLong(parts.group(1));
        return Optional.of(
                switch (parts.group(2)) {
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                });
    }

    /** The span in the largest unit that divides it; parts of a second are cut off. */
    public static String text(Duration span) {
        long seconds = span.toSeconds();
        if (seconds == 0 || seconds % 60 != 0) {
            return seconds + "s";
        }
        if (seconds % 3_600 != 0) {
            return seconds / 60 + "m";
        }
        return seconds % 86_400 == 0 ? seconds / 86_400 + "d" : seconds / 3_600 + "h";
    }

    /** The span in its two largest units: {@code 3h 12m}, {@code 45s}. */
    public static String rounded(Duration span) {
        if (span.toDays() > 0) {
            return span.toDays() + "d " + span.toHoursPart() + "h";
        }
        if (span.toHours() > 0) {
            return span.toHours() + "h " + span.toMinutesPart() + "m";
        }
        return span.toMinutes() > 0 ? span.toMinutes() + "m " + span.toSecondsPart() + "s" : span.toSeconds() + "s";
    }

    /**
     * In words, in the largest unit of which there are at least two, rounded down: {@code 119 seconds}, {@code 2
     * hours}.
     */
    public static String words(Duration span) {
        return inOneUnit(span.toSeconds(), Quantities::count, "second", "minute", "hour", "day");
    }

    /** The same in short, without a sign: {@code 119 s}, {@code 2 h}. */
    public static String brief(Duration span) {
        return inOneUnit(Math.abs(span.toSeconds()), (number, unit) -> number + " " + unit, "s", "min", "h", "d");
    }

    /**
     * How long ago a moment was, by the reader's clock, which may be slightly behind the clock that gave the moment.
     */
    public static String ago(Instant time, Instant now) {
        Duration ago = Duration.between(time, now);
        return ago.toMillis() < 1_500 ? "now" : brief(ago) + " ago";
    }

    private static String inOneUnit(
            long seconds, NumberText text, String second, String minute, String hour, String day) {
        if (seconds < 2 * 3_600) {
            return seconds < 2 * 60 ? text.of(seconds, second) : text.of(seconds / 60, minute);
        }
        return seconds < 2 * 86_400 ? text.of(seconds / 3_600, hour) : text.of(seconds / 86_400, day);
    }

    @FunctionalInterface
    private interface NumberText {
        String of(long number, String unit);
    }
}
