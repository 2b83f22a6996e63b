package io.denywatch.packet;

/**
 * The time stamp at a line's head: RFC 3339 (also without colon in the zone, as journald writes it) or the traditional
 * one of RFC 3164. Finding it is done for each line, working out its value on demand. Confined to the thread that
 * parses.
 */
final class StampReader {
    private static final int MICRO_DIGITS = 6;
    private static final int FRACTION_DIGITS_MAX = 9;
    private static final int MINUTE_CHARACTERS = 16; // 2024-11-19T12:15
    private static final int TIME_CHARACTERS = 8; // 14:34:40
    /** The shorter form, with a day of one digit and a host of one letter behind it. */
    private static final int CHARACTERS_MIN = 15;

    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private final SyslogTime time;
    private int start;
    private int end;
    private Form form = Form.NONE;
    private long givenMicros;

    // The minute read last: consecutive lines mostly share it, and then its digits need no second look.
    private long minuteHead;
    private long minuteTail;
    private long minuteMicros = DeniedPacket.NO_TIME;

    private enum Form {
        NONE,
        INTERNET,
        TRADITIONAL,
        GIVEN
    }

    StampReader(SyslogTime time) {
        this.time = time;
    }

    /** Index of the first character behind the stamp and its blanks, or -1 if there is no stamp at {@code from}. */
    int find(byte[] text, int from, int lineEnd) {
        start = from;
        form = Form.NONE;
        int stampEnd = -1;
        if (from + CHARACTERS_MIN <= lineEnd) {
            if (text[from + 4] == '-') {
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

    /** Takes a time that is known beside the text for the stamp found last. */
    void give(long unixMicros) {
        form = Form.GIVEN;
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

    /** Whether the stamp found last has neither year nor zone. */
    boolean isYearless() {
        return form == Form.TRADITIONAL;
    }

    private static boolean digit(byte c) {
        return c >= '0' && c <= '9';
    }

    private int internetEnd(byte[] text, int lineEnd) {
        int seconds = start + MINUTE_CHARACTERS + 1;
        if (seconds + 3 > lineEnd || !minuteAt(text) || text[seconds - 1] != ':' || twoDigits(text, seconds) < 0) {
            return -1;
        }
        int p = fractionEnd(text, seconds + 2, lineEnd);
        if (p < 0 || p >= lineEnd) {
            return -1;
        }
        if (text[p] == 'Z') {
            return p + 1;
        }
        if (p + 6 > lineEnd || (text[p] != '+' && text[p] != '-') || twoDigits(text, p + 1) < 0) {
            return -1;
        }
        int minutes = text[p + 3] == ':' ? p + 4 : p + 3;
        return minutes + 2 <= lineEnd && twoDigits(text, minutes) >= 0 ? minutes + 2 : -1;
    }

    /** Behind {@code .023805} if that is there; -1 if the point has not 1 to 9 digits behind it. */
    private static int fractionEnd(byte[] text, int at, int lineEnd) {
        if (at >= lineEnd || text[at] != '.') {
            return at;
        }
        int p = KernelStamp.skipDigits(text, at + 1, lineEnd);
        int digits = p - at - 1;
        return digits >= 1 && digits <= FRACTION_DIGITS_MAX ? p : -1;
    }

    /** Whether {@code 2024-11-19T12:15} stands here; if so, {@link #minuteMicros} is its instant as UTC, if there is one. */
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
        boolean punctuated =
                text[start + 4] == '-' && text[start + 7] == '-' && text[start + 10] == 'T' && text[start + 13] == ':';
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
        int second = twoDigits(text, start + 17);
        int zoneStart = end - (text[end - 1] == 'Z' ? 1 : text[end - 3] == ':' ? 6 : 5);
        int zone = zoneSeconds(text, zoneStart);
        if (minuteMicros == DeniedPacket.NO_TIME || second > 60 || zone == Integer.MIN_VALUE) {
            return DeniedPacket.NO_TIME;
        }
        int fraction = zoneStart > start + 19 ? micros(text, start + 20, zoneStart) : 0;
        return minuteMicros + (second - zone) * 1_000_000L + fraction;
    }

    /** Offset from UTC in seconds, or {@link Integer#MIN_VALUE} if it is none. */
    private static int zoneSeconds(byte[] text, int at) {
        if (text[at] == 'Z') {
            return 0;
        }
        int hours = twoDigits(text, at + 1);
        int minutes = twoDigits(text, at + (text[at + 3] == ':' ? 4 : 3));
        if (hours > 23 || minutes > 59) {
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
        return time.yearless(month(text, start), day, (hour * 60 + minute) * 60 + second, fractionMicros);
    }

    /** The month whose English short name stands at {@code at}, 1 to 12, or 0. */
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
