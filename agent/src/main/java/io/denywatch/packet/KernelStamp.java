package io.denywatch.packet;

/**
 * Recognizes what printk, dmesg and {@code dmesg -T} write in brackets before a message. Stateless: any thread may use it.
 * The methods return the index after the brackets, or -1 if they are not there.
 */
final class KernelStamp {
    private static final int FRACTION_DIGITS = 6;
    private static final int CALENDAR_CHARACTERS = 26; // [Mon Nov 15 01:42:08 2021]
    private static final String CALENDAR_SHAPE = "[www mmm dd dd:dd:dd dddd]";
    private static final String WEEKDAYS = "MonTueWedThuFriSatSun";
    private static final int NAME_LETTERS = 3;

    private KernelStamp() {}

    /** {@code [   12.345678]}: seconds since boot. */
    static int monotonicEnd(byte[] text, int open, int end) {
        if (open >= end || text[open] != '[') {
            return -1;
        }
        int seconds = skipBlanks(text, open + 1, end);
        int point = skipDigits(text, seconds, end);
        if (point == seconds || point >= end || text[point] != '.') {
            return -1;
        }
        int close = skipDigits(text, point + 1, end);
        return close - point - 1 == FRACTION_DIGITS && close < end && text[close] == ']' ? close + 1 : -1;
    }

    /** {@code [    C3]} or {@code [  T123]}: the processor or task that logged. */
    static int callerEnd(byte[] text, int open, int end) {
        if (open >= end || text[open] != '[') {
            return -1;
        }
        int kind = skipBlanks(text, open + 1, end);
        if (kind >= end || (text[kind] != 'T' && text[kind] != 'C')) {
            return -1;
        }
        int close = skipDigits(text, kind + 1, end);
        return close > kind + 1 && close < end && text[close] == ']' ? close + 1 : -1;
    }

    /** {@code [Mon Nov 15 01:42:08 2021]}: local time, which is not converted to an instant. */
    static int calendarEnd(byte[] text, int open, int end) {
        if (end - open < CALENDAR_CHARACTERS || text[open] != '[') {
            return -1;
        }
        for (int i = 0; i < CALENDAR_CHARACTERS; i++) {
            byte c = text[open + i];
            boolean fits = switch (CALENDAR_SHAPE.charAt(i)) {
                case 'w', 'm' -> true;
                case 'd' -> (c >= '0' && c <= '9') || (i == 9 && c == ' ');
                default -> c == CALENDAR_SHAPE.charAt(i);
            };
            if (!fits) {
                return -1;
            }
        }
        boolean names = isWeekday(text, open + 1) && StampReader.month(text, open + 5) > 0;
        return names && text[open + 9] <= '3' ? open + CALENDAR_CHARACTERS : -1;
    }

    /** Whether the English short name of a day is at {@code at}. */
    static boolean isWeekday(byte[] text, int at) {
        return indexOfName(WEEKDAYS, text, at) > 0;
    }

    /** Finds the three-letter name at {@code at} in {@code names}: 1 for the first, 0 for none. */
    static int indexOfName(String names, byte[] text, int at) {
        for (int i = 0; i < names.length(); i += NAME_LETTERS) {
            if (text[at] == names.charAt(i)
                    && text[at + 1] == names.charAt(i + 1)
                    && text[at + 2] == names.charAt(i + 2)) {
                return i / NAME_LETTERS + 1;
            }
        }
        return 0;
    }

    static int skipDigits(byte[] text, int from, int end) {
        int p = from;
        while (p < end && text[p] >= '0' && text[p] <= '9') {
            p++;
        }
        return p;
    }

    private static int skipBlanks(byte[] text, int from, int end) {
        int p = from;
        while (p < end && text[p] == ' ') {
            p++;
        }
        return p;
    }
}
