package io.denywatch.doctor;

import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Numbers in words. */
final class Wording {
    private static final int LISTED_MAX = 5;
    private static final long MIB = 1024 * 1024;
    private static final long MICROS = 1_000_000;

    private Wording() {}

    /** {@code 1 line}, {@code 12,345 lines}. */
    static String count(long number, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", number, what, number == 1 ? "" : "s");
    }

    /** In the greatest unit of which there are at least two, rounded down. */
    static String span(Duration span) {
        long seconds = span.toSeconds();
        if (seconds < 2 * 60) {
            return count(seconds, "second");
        }
        if (seconds < 2 * 3_600) {
            return count(seconds / 60, "minute");
        }
        return seconds < 2 * 86_400 ? count(seconds / 3_600, "hour") : count(seconds / 86_400, "day");
    }

    static Duration micros(long micros) {
        return Duration.ofSeconds(micros / MICROS, micros % MICROS * 1_000);
    }

    /** {@code +5:30 h}: hours and minutes, with the sign. */
    static String hours(long seconds) {
        long minutes = Math.abs(seconds) / 60;
        return String.format(Locale.ROOT, "%s%d:%02d h", seconds < 0 ? "-" : "+", minutes / 60, minutes % 60);
    }

    static String bytes(long bytes) {
        if (bytes >= 1024 * MIB) {
            return String.format(Locale.ROOT, "%,.1f GiB", (double) bytes / (1024 * MIB));
        }
        return bytes < MIB ? count(bytes, "byte") : String.format(Locale.ROOT, "%,.1f MiB", (double) bytes / MIB);
    }

    /** The greatest counts with their names, the greatest first. */
    static String greatest(Map<String, Long> counts) {
        String listed = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(LISTED_MAX)
                .map(entry -> String.format(Locale.ROOT, "%s: %,d", entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
        return counts.size() > LISTED_MAX ? listed + " and " + (counts.size() - LISTED_MAX) + " more" : listed;
    }
}
