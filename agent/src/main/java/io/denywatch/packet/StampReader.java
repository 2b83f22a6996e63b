package io.denywatch.packet;

/**
 * The time stamp at a line's head: RFC 3339 (also without colon in the zone, as journald writes it) or the traditional
 * one of RFC 3164. Finding it is cheap and done for each line; its value is worked out on demand. Confined to the
 * thread that parses.
 */
final class StampReader {
    private static final int MICRO_DIGITS = 6;
    private static final int MINUTE_CHARACTERS = 16; // 2024-11-19T12:15
    private static final int TIME_CHARACTERS = 8; // 14:34:40
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private final SyslogTime time;
    private int start;
    private int end;
    private Form form = Form.NONE;

    // The minute read last: consecutive lines mostly share it.
    private long minuteHead;
    private long minuteTail;
    private long minuteMicros = DeniedPacket.NO_TIME;

    private enum Form {
        NONE,
        INTERNET,
        TRADITIONAL
    }

    StampReader(SyslogTime time) {
        this.time = time;
    }

    /** Index of the first character behind the stamp and its blanks, or -1 if there is no stamp at {@code from}. */
    int find(byte[] text, int from, int lineEnd) {
        start = from;
        form = Form.NONE;
        int stampEnd = -1;
        if (from + MINUTE_CHARACTERS + 3 < lineEnd) {
            if (text[from + 4] == '-' && text[from + 10] == 'T' && digit(text[from])) {
                form = Form.INTERNET;
                stampEnd = internetEnd(text, lineEnd);
            } else if (text[from + 3] == ' ' && month(text, from) > 0) {
                form = Form.TRADITIONAL;
                stampEnd = traditionalEnd(text, lineEnd);
            }
        }
        if (stampEnd < 0 || stampEnd >= lineEnd || text[stampEnd] != ' ') {
            form = Form.NONE;
            return -1;
        }
        end = stampEnd;
        int p = stampEnd;
        while (p < lineEnd && text[p] == ' ') {
            p++;
        }
        return p;
    }

    /** Unix time in microseconds of the stamp found last, or {@link DeniedPacket#NO_TIME}. */
    long micros(byte[] text) {
        return switch (form) {
            case NONE -> DeniedPacket.NO_TIME;
            case INTERNET -> internet(text);
            case TRADITIONAL -> traditional(text);
        };
    }

    /** Whether the stamp found last has neither year nor zone. */
    boolean isYearless() {
        return form == Form.TRADITIONAL;
    }

    private static boolean digit(byte c) {
        return c >= '0' && c <= '9';
    }

    private int internetEnd(byte[] text, int lineEnd) {
        boolean shaped = text[start + 7] == '-'
                && text[start + 13] == ':'
                && text[start + 16] == ':'
                && digit(text[start + 17])
                && digit(text[start + 18]);
        if (!shaped) {
            return -1;
        }
        int p = start + MINUTE_CHARACTERS + 3;
        if (p < lineEnd && (text[p] == '.' || text[p] == ',')) {
            int fraction = ++p;
            while (p < lineEnd && digit(text[p])) {
                p++;
            }
            if (p == fraction) {
                return -1;
            }
        }
        if (p < lineEnd && text[p] == 'Z') {
            return p + 1;
        }
        if (p + 5 > lineEnd || (text[p] != '+' && text[p] != '-')) {
            return -1;
        }
        return p + (text[p + 3] == ':' ? 6 : 5);
    }

    private long internet(byte[] text) {
        long head = Ascii.long8(text, start);
        long tail = Ascii.long8(text, start + 8);
        if (head != minuteHead || tail != minuteTail || minuteMicros == DeniedPacket.NO_TIME) {
            minuteHead = head;
            minuteTail = tail;
            minuteMicros = minute(text);
        }
        int second = twoDigits(text, start + 17);
        int zoneStart = end - (text[end - 1] == 'Z' ? 1 : text[end - 3] == ':' ? 6 : 5);
        int zone = zoneSeconds(text, zoneStart);
        if (minuteMicros == DeniedPacket.NO_TIME || second > 60 || second < 0 || zone == Integer.MIN_VALUE) {
            return DeniedPacket.NO_TIME;
        }
        int fraction = zoneStart > start + 19 ? micros(text, start + 20, zoneStart) : 0;
        return minuteMicros + (second - zone) * 1_000_000L + fraction;
    }

    private long minute(byte[] text) {
        int century = twoDigits(text, start);
        int yearOfCentury = twoDigits(text, start + 2);
        int month = twoDigits(text, start + 5);
        int day = twoDigits(text, start + 8);
        int hour = twoDigits(text, start + 11);
        int minute = twoDigits(text, start + 14);
        if (century < 0 || yearOfCentury < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59) {
            return DeniedPacket.NO_TIME;
        }
        return SyslogTime.instant(century * 100 + yearOfCentury, month, day, (hour * 60 + minute) * 60, 0, 0);
    }

    /** Offset from UTC in seconds, or {@link Integer#MIN_VALUE} if it is none. */
    private static int zoneSeconds(byte[] text, int at) {
        if (text[at] == 'Z') {
            return 0;
        }
        int hours = twoDigits(text, at + 1);
        int minutes = twoDigits(text, at + (text[at + 3] == ':' ? 4 : 3));
        if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
            return Integer.MIN_VALUE;
        }
        int seconds = (hours * 60 + minutes) * 60;
        return text[at] == '-' ? -seconds : seconds;
    }

    /** The digits of a fraction as microseconds; further digits are left out. */
    private static int micros(byte[] text, int from, int to) {
        int value = 0;
        for (int i = 0; i < MICRO_DIGITS; i++) {
            value = value * 10 + (from + i < to ? text[from + i] - '0' : 0);
        }
        return value;
    }

    private int traditionalEnd(byte[] text, int lineEnd) {
        int day = dayStart(text);
        int timeStart = day + (digit(text[day + 1]) ? 3 : 2);
        boolean shaped = digit(text[day])
                && text[timeStart - 1] == ' '
                && timeStart + TIME_CHARACTERS <= lineEnd
                && text[timeStart + 2] == ':'
                && text[timeStart + 5] == ':'
                && digit(text[timeStart + 7]);
        if (!shaped) {
            return -1;
        }
        int p = timeStart + TIME_CHARACTERS;
        if (p < lineEnd && text[p] == '.') {
            p++;
            while (p < lineEnd && digit(text[p])) {
                p++;
            }
        }
        return p;
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
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
            return DeniedPacket.NO_TIME;
        }
        int fraction = timeStart + TIME_CHARACTERS + 1;
        int fractionMicros = fraction < end ? micros(text, fraction, end) : 0;
        return time.yearless(month(text, start), day, (hour * 60 + minute) * 60 + second, fractionMicros);
    }

    /** The month whose English short name stands at {@code at}, 1 to 12, or 0. */
    private static int month(byte[] text, int at) {
        for (int i = 0; i < MONTHS.length(); i += 3) {
            if (text[at] == MONTHS.charAt(i)
                    && text[at + 1] == MONTHS.charAt(i + 1)
                    && text[at + 2] == MONTHS.charAt(i + 2)) {
                return i / 3 + 1;
            }
        }
        return 0;
    }

    /** A number of two digits, or -1. */
    private static int twoDigits(byte[] text, int at) {
        int tens = text[at] - '0';
        int ones = text[at + 1] - '0';
        return (tens | ones | 9 - tens | 9 - ones) < 0 ? -1 : tens * 10 + ones;
    }
}
