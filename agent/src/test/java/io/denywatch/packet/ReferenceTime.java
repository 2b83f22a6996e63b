package io.denywatch.packet;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Time stamps at the head of a line, for nodes in UTC. A stamp with the right shape and no such instant gives null. */
final class ReferenceTime {
    private static final String DATE_TIME =
            "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?";
    static final String RFC3339 = DATE_TIME + "(?:Z|[+-][0-9]{2}:?[0-9]{2})?";
    static final String SHORT_FULL = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) " + DATE_TIME + " [A-Z]{2,5}";
    static final String BSD = "(?:[0-9]{4} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
            + " {1,2}[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?";

    private static final Pattern RFC3339_PARTS =
            Pattern.compile("(?:... )?(....)-(..)-(..).(..):(..):(..)(?:[.,]([0-9]+))?(?:Z|([+-])(..):?(..)| [A-Z]+)?");
    private static final Pattern BSD_PARTS =
            Pattern.compile("(?:(....) )?([A-Z]..) +([0-9]+) (..):(..):(..)(?:[.,]([0-9]+))?");
    private static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
    private static final int YEARS_BACK_MAX = 9; // between Feb 29 of 1896 and of 1904

    private ReferenceTime() {}

    /** The instant of either form, to the microsecond. */
    static @Nullable Instant parse(String stamp, Instant reference) {
        try {
            return RFC3339_PARTS.matcher(stamp).matches() ? rfc3339(stamp) : bsd(stamp, reference);
        } catch (DateTimeException noSuchTime) {
            return null;
        }
    }

    private static Instant rfc3339(String stamp) {
        Matcher m = RFC3339_PARTS.matcher(stamp);
        if (!m.matches()) {
            throw new AssertionError(stamp);
        }
        LocalDateTime local = LocalDateTime.of(number(m, 1), number(m, 2), number(m, 3), number(m, 4), number(m, 5))
                .plus(seconds(m.group(6), m.group(7)));
        Duration offset = Duration.ZERO;
        if (m.group(8) != null) {
            if (number(m, 9) > 23 || number(m, 10) > 59) {
                throw new DateTimeException(stamp);
            }
            offset = Duration.ofHours(number(m, 9)).plusMinutes(number(m, 10));
        }
        Instant utc = local.toInstant(ZoneOffset.UTC);
        return "-".equals(m.group(8)) ? utc.plus(offset) : utc.minus(offset);
    }

    /** The latest year that puts the stamp no more than a day after the reference. */
    private static @Nullable Instant bsd(String stamp, Instant reference) {
        Matcher m = BSD_PARTS.matcher(stamp);
        if (!m.matches()) {
            throw new AssertionError(stamp);
        }
        int month = MONTHS.indexOf(m.group(2)) + 1;
        Duration seconds = seconds(m.group(6), m.group(7));
        if (m.group(1) != null) {
            return LocalDateTime.of(number(m, 1), month, number(m, 3), number(m, 4), number(m, 5))
                    .plus(seconds)
                    .toInstant(ZoneOffset.UTC);
        }
        int next = reference.atOffset(ZoneOffset.UTC).getYear() + 1;
        for (int year = next; year >= next - YEARS_BACK_MAX; year--) {
            try {
                Instant instant = LocalDateTime.of(year, month, number(m, 3), number(m, 4), number(m, 5))
                        .plus(seconds)
                        .toInstant(ZoneOffset.UTC);
                if (!instant.isAfter(reference.plus(1, ChronoUnit.DAYS))) {
                    return instant;
                }
            } catch (DateTimeException noSuchDateThisYear) {
                // Feb 29: an earlier year has it.
            }
        }
        return null;
    }

    private static Duration seconds(String whole, @Nullable String fraction) {
        int seconds = Integer.parseInt(whole);
        if (seconds > 60) { // a leap second is 60
            throw new DateTimeException(whole);
        }
        String micros = ((fraction == null ? "" : fraction) + "000000").substring(0, 6);
        return Duration.ofSeconds(seconds).plus(Long.parseLong(micros), ChronoUnit.MICROS);
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }
}
