package io.denywatch.packet;

/**
 * Reads the time stamp at the beginning of a line. Confined to the thread that parses.
 *
 * <p>Its form is that of RFC 3339, or that of RFC 3164 with or without a year before it. Variants of RFC 3339 are read
 * too: without a colon in the zone (as journald writes it), with a blank instead of the T, without a zone, or between a
 * weekday and the name of a zone ({@code journalctl -o short-full}). The stamp of each line is located; its value is
 * computed only on demand.
 */
final class StampReader {
    private static final long MICROS = 1_000_000;
    private static final int MICRO_DIGITS = 6;
    private static final int FRACTION_DIGITS_MAX = 9;
    private static final int MINUTE_CHARACTERS = 16; // 2024-11-19T12:15
    private static final int TIME_CHARACTERS = 8; // 14:34:40
    private static final int ABBREVIATION_CHARACTERS_MAX = 5; // CHAST
    private static final int LOCAL = Integer.MIN_VALUE + 1;
    /** The shortest stamp, with a day of one digit, and the blank after it. */
    private static final int CHARACTERS_MIN = 15;

    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private final SyslogTime time;
    private int start;
    private int end;
    private int fractionEnd;
    private int zoneSeconds;
    private int year; // before a traditional stamp, or -1
    private StampForm form = StampForm.NONE;
    private long givenMicros;

    // The minute read last. Consecutive lines mostly share it, and then its digits are not read again.
    private long minuteHead;
    private long minuteTail;
    private long minuteMicros = DeniedPacket.NO_TIME;

    private enum StampForm {
        NONE,
        INTERNET,
        TRADITIONAL,
        GIVEN
    }

    StampReader(SyslogTime time) {
        this.time = time;
    }

    /** Index of the first character after the stamp and its blanks, or -1 if there is no stamp at {@code from}. */
    int find(byte[] text, int from, int lineEnd) {
        start = from;
        form = StampForm.NONE;
        int stampEnd = from + CHARACTERS_MIN <= lineEnd ? stampEnd(text, lineEnd) : -1;
        if (stampEnd < 0 || stampEnd >= lineEnd || text[stampEnd] != ' ') {
            form = StampForm.NONE;
            return -1;
        }
        end = stampEnd;
        int p = stampEnd;
        while (p < lineEnd && text[p] == ' ') {
            p++;
        }
        return p;
    }

    private int stampEnd(byte[] text, int lineEnd) {
        if (text[start + 4] == '-') {
            form = StampForm.INTERNET;
            return zoneEnd(text, dateTimeEnd(text, lineEnd), lineEnd);
        }
        if (text[start + 4] == ' ') {
            int century = twoDigits(text, start);
            int yearOfCentury = twoDigits(text, start + 2);
            if ((century | yearOfCentury) >= 0 && start + 5 + CHARACTERS_MIN <= lineEnd) {
                year = century * 100 + yearOfCentury;
                start += 5;
                form = StampForm.TRADITIONAL;
                return month(text, start) > 0 && text[start + 3] == ' ' ? traditionalEnd(text, lineEnd) : -1;
            }
        }
        if (text[start + 3] != ' ') {
            return -1;
        }
        if (month(text, start) > 0) {
            year = -1;
            form = StampForm.TRADITIONAL;
            return traditionalEnd(text, lineEnd);
        }
        if (KernelStamp.isWeekday(text, start)) {
            start += 4;
            form = StampForm.INTERNET;
            return abbreviationEnd(text, dateTimeEnd(text, lineEnd), lineEnd);
        }
        return -1;
    }

    /** Sets the time of a line whose time is known from elsewhere. */
    void give(long unixMicros) {
        form = StampForm.GIVEN;
        givenMicros = unixMicros;
    }

    /** Unix time in microseconds of the stamp found last, or {@link DeniedPacket#NO_TIME}. */
    long micros(byte[] text) {
        return switch (form) {
            case NONE -> DeniedPacket.NO_TIME;
            case INTERNET -> internet(text);
            case TRADITIONAL -> traditional(text);
            case GIVEN -> givenMicros;
        };
    }

    /** Whether the stamp found last has no zone. Usually, it has no year either. */
    boolean isYearless() {
        return form == StampForm.TRADITIONAL || (form == StampForm.INTERNET && zoneSeconds == LOCAL);
    }

    private static boolean digit(byte c) {
        return c >= '0' && c <= '9';
    }

    /** Index after date, time and fraction, or -1 if they are not here. */
    private int dateTimeEnd(byte[] text, int lineEnd) {
        int seconds = start + MINUTE_CHARACTERS + 1;
        if (seconds + 2 > lineEnd || !minuteAt(text) || text[seconds - 1] != ':' || twoDigits(text, seconds) < 0) {
            return -1;
        }
        fractionEnd = fractionEnd(text, seconds + 2, lineEnd);
        return fractionEnd;
    }

    /**
     * Index after {@code Z} or {@code +01:00} at {@code at}, or {@code at} if there is neither; -1 if {@code at} is -1
     * or the zone is malformed.
     */
    private int zoneEnd(byte[] text, int at, int lineEnd) {
        zoneSeconds = LOCAL;
        if (at < 0 || at >= lineEnd) {
            return at;
        }
        if (text[at] == 'Z') {
            zoneSeconds = 0;
            return at + 1;
        }
        if (text[at] != '+' && text[at] != '-') {
            return at;
        }
        boolean colon = at + 3 < lineEnd && text[at + 3] == ':';
        int minutes = colon ? at + 4 : at + 3;
        if (minutes + 2 > lineEnd || twoDigits(text, at + 1) < 0 || twoDigits(text, minutes) < 0) {
            return -1;
        }
        zoneSeconds = zoneSeconds(text[at] == '-', twoDigits(text, at + 1), twoDigits(text, minutes));
        return minutes + 2;
    }

    /** Index after the blank at {@code at} and the name of a zone: all names but UTC mean the zone of the node. */
    private int abbreviationEnd(byte[] text, int at, int lineEnd) {
        int p = at + 1;
        if (at < 0 || at >= lineEnd || text[at] != ' ') {
            return -1;
        }
        while (p < lineEnd && p <= at + ABBREVIATION_CHARACTERS_MAX && text[p] >= 'A' && text[p] <= 'Z') {
            p++;
        }
        zoneSeconds = p == at + 4 && text[p - 3] == 'U' && text[p - 2] == 'T' && text[p - 1] == 'C' ? 0 : LOCAL;
        return p > at + 2 ? p : -1;
    }

    /** Index after {@code .023805} or {@code ,023805}, if it is there; -1 if the point is not followed by 1 to 9 digits. */
    private static int fractionEnd(byte[] text, int at, int lineEnd) {
        if (at >= lineEnd || (text[at] != '.' && text[at] != ',')) {
            return at;
        }
        int p = KernelStamp.skipDigits(text, at + 1, lineEnd);
        int digits = p - at - 1;
        return digits >= 1 && digits <= FRACTION_DIGITS_MAX ? p : -1;
    }

    /** Whether {@code 2024-11-19T12:15} is here; if so, sets {@link #minuteMicros}, reading it as UTC. */
    private boolean minuteAt(byte[] text) {
        long head = Ascii.long8(text, start);
        long tail = Ascii.long8(text, start + 8);
        if (head == minuteHead && tail == minuteTail) {
            return true;
        }
        int century = twoDigits(text, start);
        int yearOfCentury = twoDigits(text, start + 2);
        int month = twoDigits(text, start + 5);
        int day = twoDigits(text, start + 8);
        int hour = twoDigits(text, start + 11);
        int minute = twoDigits(text, start + 14);
        boolean punctuated = text[start + 4] == '-'
                && text[start + 7] == '-'
                && (text[start + 10] == 'T' || text[start + 10] == ' ')
                && text[start + 13] == ':';
        if (!punctuated || (century | yearOfCentury | month | day | hour | minute) < 0) {
            return false;
        }
        minuteHead = head;
        minuteTail = tail;
        minuteMicros = hour > 23 || minute > 59
                ? DeniedPacket.NO_TIME
                : SyslogTime.instant(century * 100 + yearOfCentury, month, day, (hour * 60 + minute) * 60, 0, 0);
        return true;
    }

    private long internet(byte[] text) {
        int seconds = start + MINUTE_CHARACTERS + 1;
        int second = twoDigits(text, seconds);
        if (minuteMicros == DeniedPacket.NO_TIME || second > 60 || zoneSeconds == Integer.MIN_VALUE) {
            return DeniedPacket.NO_TIME;
        }
        int fraction = fractionEnd > seconds + 2 ? micros(text, seconds + 3, fractionEnd) : 0;
        if (zoneSeconds == LOCAL) {
            return time.local(minuteMicros / MICROS + second, fraction);
        }
        return minuteMicros + (second - zoneSeconds) * MICROS + fraction;
    }

    /** Offset from UTC in seconds, or {@link Integer#MIN_VALUE} if there is no such offset. */
    private static int zoneSeconds(boolean west, int hours, int minutes) {
        if (hours > 23 || minutes > 59) {
            return Integer.MIN_VALUE;
        }
        int seconds = (hours * 60 + minutes) * 60;
        return west ? -seconds : seconds;
    }

    /** The digits of a fraction as microseconds; further digits are ignored. */
    private static int micros(byte[] text, int from, int to) {
        int value = 0;
        for (int i = 0; i < MICRO_DIGITS; i++) {
            value = value * 10 + (from + i < to ? text[from + i] - '0' : 0);
        }
        return value;
    }

    private int traditionalEnd(byte[] text, int lineEnd) {
        int day = dayStart(text);
        if (!digit(text[day])) {
            return -1;
        }
        int timeStart = day + (digit(text[day + 1]) ? 3 : 2);
        boolean shaped = timeStart + TIME_CHARACTERS <= lineEnd
                && text[timeStart - 1] == ' '
                && text[timeStart + 2] == ':'
                && text[timeStart + 5] == ':'
                && (twoDigits(text, timeStart) | twoDigits(text, timeStart + 3) | twoDigits(text, timeStart + 6)) >= 0;
        return shaped ? fractionEnd(text, timeStart + TIME_CHARACTERS, lineEnd) : -1;
    }

    private int dayStart(byte[] text) {
        return start + (text[start + 4] == ' ' ? 5 : 4);
    }

    private long traditional(byte[] text) {
        int dayStart = dayStart(text);
        boolean twoDigitDay = digit(text[dayStart + 1]);
        int day = twoDigitDay ? twoDigits(text, dayStart) : text[dayStart] - '0';
        int timeStart = dayStart + (twoDigitDay ? 3 : 2);
        int hour = twoDigits(text, timeStart);
        int minute = twoDigits(text, timeStart + 3);
        int second = twoDigits(text, timeStart + 6);
        if (hour > 23 || minute > 59 || second > 60) {
            return DeniedPacket.NO_TIME;
        }
        int fraction = timeStart + TIME_CHARACTERS + 1;
        int fractionMicros = fraction < end ? micros(text, fraction, end) : 0;
        int month = month(text, start);
        int secondOfDay = (hour * 60 + minute) * 60 + second;
        return year < 0
                ? time.yearless(month, day, secondOfDay, fractionMicros)
                : time.local(year, month, day, secondOfDay, fractionMicros);
    }

    /** The month whose English short name is at {@code at}, 1 to 12, or 0. */
    static int month(byte[] text, int at) {
        return KernelStamp.indexOfName(MONTHS, text, at);
    }

    /** A number of two digits, or -1. */
    private static int twoDigits(byte[] text, int at) {
        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        return (tens | ones | 9 - tens | 9 - ones) < 0 ? -1 : tens * 10 + ones;
    }
}
