package io.denywatch.process;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Numbers and times as people read them. */
public final class Quantities {
    private static final int LISTED_MAX = 5;
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Quantities() {}

    /** {@code 12,345}. */
    public static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** {@code 1 line}, {@code 12,345 lines}. */
    public static String count(long number, String what) {
        return number(number) + " " + what + (number == 1 ? "" : "s");
    }

    /** A rate with one decimal place where that matters. */
    public static String perSecond(double rate) {
        if (rate == 0 || rate >= 10) {
            return number(Math.round(rate));
        }
        return rate >= 0.05 ? String.format(Locale.ROOT, "%.1f", rate) : "<0.1";
    }

    /** {@code 512 B}, {@code 1.5 GiB}. */
    public static String bytes(long count) {
        int unit = count < 1 << 10 ? 0 : Math.min(4, (63 - Long.numberOfLeadingZeros(count)) / 10);
        return unit == 0
                ? count + " B"
                : String.format(Locale.ROOT, "%.1f %ciB", (double) count / (1L << (10 * unit)), " KMGT".charAt(unit));
    }

    /** A time of day and date, in UTC. */
    public static String moment(Instant time) {
        return MOMENT.format(time);
    }

    /** {@code +5:30 h}: hours and minutes, with the sign. */
    public static String hours(long seconds) {
        long minutes = Math.abs(seconds) / 60;
        return String.format(Locale.ROOT, "%s%d:%02d h", seconds < 0 ? "-" : "+", minutes / 60, minutes % 60);
    }

    /** The greatest counts with their names, the greatest first. */
    public static String greatest(Map<String, Long> counts) {
        String listed = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(LISTED_MAX)
                .map(entry -> entry.getKey() + ": " + number(entry.getValue()))
                .collect(Collectors.joining(", "));
        return counts.size() > LISTED_MAX ? listed + " and " + (counts.size() - LISTED_MAX) + " more" : listed;
    }
}
