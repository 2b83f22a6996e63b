package io.denywatch.top;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers and times in the words of the agent's page. */
final class Wording {
    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Wording() {}

    static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static String some(long count, String thing) {
        return number(count) + " " + thing + (count == 1 ? "" : "s");
    }

    static String perSecond(double rate) {
        if (rate == 0 || rate >= 10) {
            return number(Math.round(rate));
        }
        return rate >= 0.05 ? String.format(Locale.ROOT, "%.1f", rate) : "<0.1";
    }

    static String bytes(long count) {
        int unit = count < 1 << 10 ? 0 : Math.min(4, (63 - Long.numberOfLeadingZeros(count)) / 10);
        return unit == 0
                ? count + " B"
                : String.format(Locale.ROOT, "%.1f %ciB", (double) count / (1L << (10 * unit)), " KMGT".charAt(unit));
    }

    static String moment(Instant time) {
        return MOMENT.format(time);
    }

    /** How long ago or ahead, in one unit. */
    static String span(Duration span) {
        long seconds = Math.abs(span.toSeconds());
        if (seconds >= 2 * 86_400) {
            return seconds / 86_400 + " d";
        }
        if (seconds >= 2 * 3_600) {
            return seconds / 3_600 + " h";
        }
        return seconds >= 120 ? seconds / 60 + " min" : seconds + " s";
    }

    /** A past time, by the reader's clock, which may be slightly slow compared with the agent's. */
    static String ago(Instant time, Instant now) {
        Duration ago = Duration.between(time, now);
        return ago.toMillis() < 1_500 ? "now" : span(ago) + " ago";
    }
}
