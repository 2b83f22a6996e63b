package io.denywatch.packet;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;

/**
 * Turns the time stamps of log lines into instants. Confined to the thread that parses.
 *
 * <p>Traditional syslog stamps have neither year nor zone (RFC 3164, section 4.1.2). The year is the latest in which
 * the date exists and is at most a day ahead of the reference time; the zone is the node's.
 */
public final class SyslogTime {
    private static final long MICROS = 1_000_000;
    private static final int DAY_SECONDS = 86_400;
    /** How far a line's clock may be ahead of the reference, in seconds. */
    private static final long AHEAD_SECONDS_MAX = DAY_SECONDS;
    /** The longest gap between two leap years (1896 to 1904, 2096 to 2104), and one more for the year to come. */
    private static final int YEARS_BACK_MAX = 9;
    /**
     * How far a line may step back in time, in seconds, before an ambiguous local time is taken for the later instant.
     */
    private static final long STEP_BACK_SECONDS_MAX = 5;

    private final ZoneRules rules;
    private final boolean fixed;
    private int offsetSeconds;
    private long referenceSeconds;
    private long previousSeconds = Long.MIN_VALUE;

    /** Reads stamps without a zone as local times of this zone. */
    public SyslogTime(ZoneId zone) {
        rules = zone.getRules();
        fixed = rules.isFixedOffset();
        offsetSeconds = rules.getOffset(Instant.EPOCH).getTotalSeconds();
    }

    /** Sets the reference time of year-less stamps: now for a live file, its modification time for an old one. */
    public void reference(long unixMicros) {
        referenceSeconds = Math.floorDiv(unixMicros, MICROS);
        if (!fixed) {
            offsetSeconds =
                    rules.getOffset(Instant.ofEpochSecond(referenceSeconds)).getTotalSeconds();
        }
    }

    /** The offset from UTC of stamps without a zone, in seconds, at the reference time. */
    public int offsetSeconds() {
        return offsetSeconds;
    }

    /** Sets the offset from UTC of stamps without a zone, in seconds; only for a zone with a fixed offset. */
    public void offsetSeconds(int seconds) {
        if (!fixed) {
            throw new IllegalStateException("the zone has rules of its own: " + rules);
        }
        offsetSeconds = seconds;
    }

    /**
     * The instant of a full date and time.
     *
     * @return Unix time in microseconds, or {@link DeniedPacket#NO_TIME} if there is no such date or time
     */
    static long instant(int year, int month, int day, int secondOfDay, int micros, int offsetSeconds) {
        if (!exists(year, month, day) || secondOfDay < 0) {
            return DeniedPacket.NO_TIME;
        }
        return (epochDay(year, month, day) * DAY_SECONDS + secondOfDay - offsetSeconds) * MICROS + micros;
    }

    /**
     * The instant of a date without year and zone.
     *
     * @return Unix time in microseconds, or {@link DeniedPacket#NO_TIME} if there is no such date or time
     */
    long yearless(int month, int day, int secondOfDay, int micros) {
        if (secondOfDay < 0) {
            return DeniedPacket.NO_TIME;
        }
        int nextYear = yearOf(referenceSeconds + offsetSeconds) + 1;
        for (int year = nextYear; year > nextYear - 1 - YEARS_BACK_MAX; year--) {
            if (exists(year, month, day)) {
                long seconds = utcSeconds(epochDay(year, month, day) * DAY_SECONDS + secondOfDay);
                if (seconds <= referenceSeconds + AHEAD_SECONDS_MAX) {
                    previousSeconds = seconds;
                    return seconds * MICROS + micros;
                }
            }
        }
        return DeniedPacket.NO_TIME;
    }

    /**
     * The instant of a full date and time without a zone.
     *
     * @return Unix time in microseconds, or {@link DeniedPacket#NO_TIME} if there is no such date or time
     */
    long local(int year, int month, int day, int secondOfDay, int micros) {
        long asIfUtc = instant(year, month, day, secondOfDay, 0, 0);
        return asIfUtc == DeniedPacket.NO_TIME ? asIfUtc : local(asIfUtc / MICROS, micros);
    }

    /** The same for seconds since 1970 in local time. */
    long local(long localSeconds, int micros) {
        previousSeconds = utcSeconds(localSeconds);
        return previousSeconds * MICROS + micros;
    }

    private long utcSeconds(long local) {
        if (fixed) {
            return local - offsetSeconds;
        }
        // Allocates, but only on nodes with daylight saving time and logs without zones.
        LocalDateTime time = LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC);
        var offsets = rules.getValidOffsets(time);
        if (offsets.size() == 1) {
            return local - offsets.getFirst().getTotalSeconds();
        }
        if (offsets.isEmpty()) { // skipped by a clock set forward: read with the offset before that
            return local - rules.getTransition(time).getOffsetBefore().getTotalSeconds();
        }
        long earlier = local - offsets.getFirst().getTotalSeconds();
        long later = local - offsets.getLast().getTotalSeconds();
        boolean follows = previousSeconds != Long.MIN_VALUE && earlier >= previousSeconds - STEP_BACK_SECONDS_MAX;
        return follows || later > referenceSeconds ? earlier : later;
    }

    private static boolean exists(int year, int month, int day) {
        return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
    }

    private static int daysIn(int year, int month) {
        if (month == 2) {
            boolean leap = (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);
            return leap ? 29 : 28;
        }
        return 30 + ((month + (month >> 3)) & 1);
    }

    /** Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, chrono-compatible date algorithms). */
    private static long epochDay(int year, int month, int day) {
        int y = month <= 2 ? year - 1 : year;
        int era = Math.floorDiv(y, 400);
        int yearOfEra = y - era * 400;
        int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        int dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097L + dayOfEra - 719_468;
    }

    private static int yearOf(long localSeconds) {
        long days = Math.floorDiv(localSeconds, DAY_SECONDS) + 719_468;
        long era = Math.floorDiv(days, 146_097);
        int dayOfEra = (int) (days - era * 146_097);
        int yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int year = (int) (yearOfEra + era * 400);
        return dayOfYear >= 306 ? year + 1 : year; // the algorithm's year starts in March
    }
}
