package io.denywatch.denial;

/**
 * The line of the log that is being counted: who counts lines points to it, who acts upon a packet may ask for its text
 * within the same call. It holds no bytes of its own, so that nothing is copied of lines that nobody asks for. Confined to
 * the ingest thread.
 */
public final class CurrentLine {
    /** The longest text, in characters: all that the kernel writes of a packet in IPv6 with another inside is shorter. */
    public static final int TEXT_MAX = 768;

    private static final String CUT = "...";
    private static final String HEX = "0123456789abcdef";

    private byte[] buffer = {};
    private int start;
    private int length;

    /** Points to a line; its bytes must stay as they are for as long as it is counted. */
    public void pointTo(byte[] buffer, int start, int length) {
        this.buffer = buffer;
        this.start = start;
        this.length = length;
    }

    /**
     * The line as it stands in the log; empty if there is none. What it says is chosen by who sends: bytes that are not
     * printable ASCII, and the backslash, are written as {@code \xNN}. A longer line is cut and ends with {@code ...}; a carriage return
     * at the end belongs to the line's end.
     */
    public String text() {
        StringBuilder text = new StringBuilder(Math.min(length, TEXT_MAX));
        int end = length > 0 && buffer[start + length - 1] == '\r' ? start + length - 1 : start + length;
        int cutAt = 0;
        for (int i = start; i < end; i++) {
            append(text, buffer[i] & 0xff);
            if (text.length() > TEXT_MAX) {
                text.setLength(cutAt);
                return text.append(CUT).toString();
            }
            cutAt = text.length() <= TEXT_MAX - CUT.length() ? text.length() : cutAt;
        }
        return text.toString();
    }

    private static void append(StringBuilder text, int value) {
        if (value >= ' ' && value <= '~' && value != '\\') {
            text.append((char) value);
        } else {
            text.append("\\x").append(HEX.charAt(value >> 4)).append(HEX.charAt(value & 0xf));
        }
    }
}
