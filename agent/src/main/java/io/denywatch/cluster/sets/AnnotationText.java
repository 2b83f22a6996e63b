package io.denywatch.cluster.sets;

import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.PrintableText;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The syntax of the annotations: a head, then pieces after semicolons; all consist of fields separated by commas.
 * Numbers are in base 36, times in milliseconds since 1970 or since another time. No character needs an escape in JSON,
 * because Calico's API server keeps annotations as JSON inside an annotation. Text written by people is
 * percent-encoded.
 *
 * <p>A piece is accepted only if writing its value gives the same characters, so each value has exactly one form.
 */
final class AnnotationText {
    /** The version of the syntax, with which each text starts. */
    static final String VERSION = "v1";

    /**
     * Starts the last piece of a text from which another agent removed pieces; the first fields of the removed pieces
     * follow. From it, the admission policy, which has no clock, sees that nothing else was changed.
     */
    private static final String REMOVED_MARK = "-";

    private static final int RADIX = 36;
    private static final long MILLIS_MAX =
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
    private static final String PLAIN = " ._:/@=()#-";

    private AnnotationText() {}

    /** The fields of the head. */
    static List<String> head(String text) {
        int end = text.indexOf(';');
        return fields(end < 0 ? text : text.substring(0, end));
    }

    /** The pieces after the head; none if the text has another version. */
    static List<String> pieces(String text) {
        List<String> parts = Arrays.asList(text.split(";", -1));
        return isReadable(text) ? parts.subList(1, parts.size()) : List.of();
    }

    /** Whether the text is of this version. */
    static boolean isReadable(String text) {
        return head(text).getFirst().equals(VERSION);
    }

    /** The text without the pieces that start with these fields, and with a last piece that lists them. */
    static String without(String text, Set<String> firstFields) {
        List<String> kept = new ArrayList<>(List.of(String.join(",", head(text))));
        pieces(text).stream()
                .filter(piece -> !piece.startsWith(REMOVED_MARK)
                        && !firstFields.contains(fields(piece).getFirst()))
                .forEach(kept::add);
        kept.add(REMOVED_MARK + String.join(",", firstFields));
        return String.join(";", kept);
    }

    static List<String> fields(String piece) {
        return Arrays.asList(piece.split(",", -1));
    }

    static String number(long value) {
        return Long.toString(value, RADIX);
    }

    /**
     * Reads a number. Signs and leading zeros are accepted here; {@link #read} notices them because it writes the
     * number again.
     *
     * @throws IllegalArgumentException if the text is not a number
     */
    static long number(String text) {
        return Long.parseLong(text, RADIX);
    }

    /** A number, which must be from 0 to {@code max}. */
    static int number(String text, int max) {
        long value = number(text);
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(text);
        }
        return (int) value;
    }

    /** A time, relative to another one. */
    static String time(Instant time, long originMillis) {
        return number(time.toEpochMilli() - originMillis);
    }

    static Instant time(String text, long originMillis) {
        long millis = Math.addExact(number(text), originMillis);
        if (millis < 0 || millis > MILLIS_MAX) {
            throw new IllegalArgumentException(text);
        }
        return Instant.ofEpochMilli(millis);
    }

    /** A net, which must be narrow enough for a set. */
    static IpPrefix net(String text) {
        IpPrefix net = IpPrefix.parse(text);
        if (!WritableNets.isNarrow(net)) {
            throw new IllegalArgumentException(text);
        }
        return net;
    }

    /** A net of a node's set, which may be a subnet; whether it may be written depends on the agent's rules. */
    static IpPrefix entryNet(String text) {
        IpPrefix net = IpPrefix.parse(text);
        if (!WritableNets.isAllowed(net, SubnetLengths.WIDEST)) {
            throw new IllegalArgumentException(text);
        }
        return net;
    }

    /** Encodes text written by a person, in ASCII and without separators. */
    static String escaped(String words) {
        StringBuilder escaped = new StringBuilder(words.length());
        for (byte b : words.getBytes(StandardCharsets.UTF_8)) {
            boolean plain =
                    (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || PLAIN.indexOf(b) >= 0;
            if (plain) {
                escaped.append((char) b);
            } else {
                escaped.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return escaped.toString();
    }

    /**
     * Decodes text from {@link #escaped}.
     *
     * @throws IllegalArgumentException if a percent sign has no digits, or the result contains control characters
     */
    static String unescaped(String escaped) {
        byte[] ascii = escaped.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[ascii.length];
        int length = 0;
        for (int i = 0; i < ascii.length; i++) {
            if (ascii[i] == '%') {
                if (i + 3 > ascii.length) {
                    throw new IllegalArgumentException(escaped);
                }
                bytes[length++] =
                        (byte) HexFormat.fromHexDigits(new String(ascii, i + 1, 2, StandardCharsets.ISO_8859_1));
                i += 2;
            } else {
                bytes[length++] = ascii[i];
            }
        }
        String words = new String(bytes, 0, length, StandardCharsets.UTF_8);
        if (!PrintableText.isLine(words)) {
            throw new IllegalArgumentException(escaped);
        }
        return words;
    }

    /** Reads one piece; empty if the reader rejects it, or the writer would write its value differently. */
    static <T> Optional<T> read(String piece, Function<List<String>, T> reader, Function<T, String> writer) {
        try {
            T value = reader.apply(fields(piece));
            return writer.apply(value).equals(piece) ? Optional.of(value) : Optional.empty();
        } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
