package io.denywatch.tail;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Recognizes the names of a log's rotated files. Confined to the ingest thread. logrotate(8) puts a number or a date
 * after the name ({@code syslog.1}, {@code syslog-20261130}) or before its extension ({@code kern-20261130.log}); the
 * date may be of any form, and the extensions of {@code addextension} and {@code compressext} may follow. A form with
 * letters of its own is recognized once a file that was read has such a name.
 */
final class RotatedNames {
    /** As {@code compressext} and {@code addextension} add it. */
    private static final Pattern EXTENSION = Pattern.compile("\\.(\\p{Alpha}+|bz2|lz4|7z)$");

    private static final Pattern NUMBER_OR_DATE =
            Pattern.compile("([-._+:@T ]\\d[-\\d._+:@TZ ]*)|(\\d{6}[-\\d._+:@TZ ]*)");
    private static final Pattern DIGITS = Pattern.compile("\\d+");

    /** A longer number is a date, as {@code dateformat .%Y%m%d} makes it. */
    private static final Pattern NUMBER = Pattern.compile("\\.\\d{1,7}");

    private final Set<String> learned = new HashSet<>();

    /** Whether a file may be a rotated file of a log with this name. */
    boolean isRotated(String file, String log) {
        String added = added(file, log);
        return NUMBER_OR_DATE.matcher(added).matches() || learned.contains(form(added));
    }

    /** Whether rotation may have made a name of unknown form. */
    boolean resemblesRotated(String file, String log) {
        return DIGITS.matcher(added(file, log)).find();
    }

    /** Remembers the form of the new name of a file that had been the log. */
    void learn(String file, String log) {
        String added = added(file, log);
        if (resemblesRotated(file, log)) {
            learned.add(form(added));
        }
    }

    /** The form of a rotated file's name, without extensions and with all numbers alike. */
    static String form(String file, String log) {
        return form(added(file, log));
    }

    private static String form(String added) {
        return added.isEmpty() ? "none" : DIGITS.matcher(added).replaceAll("#");
    }

    /** What rotation has added to the log's name, without extensions; empty if nothing. */
    private static String added(String file, String log) {
        if (file.startsWith(log)) {
            return withoutExtensions(file.substring(log.length()));
        }
        int dot = log.lastIndexOf('.');
        if (dot <= 0 || !file.startsWith(log.substring(0, dot))) {
            return "";
        }
        String rest = file.substring(dot);
        String extension = log.substring(dot);
        boolean kept = rest.endsWith(extension) || withoutExtension(rest).endsWith(extension);
        return kept ? withoutExtensions(rest) : "";
    }

    /** A name without the extension that compression may have added; the name itself if there is none. */
    static String withoutExtension(String name) {
        return EXTENSION.matcher(name).replaceFirst("");
    }

    private static String withoutExtensions(String name) {
        String shorter = withoutExtension(name);
        return shorter.equals(name) ? name : withoutExtensions(shorter);
    }

    /**
     * Compares by age as far as names show it, the oldest first. Dates come before numbers: when a log changes from
     * dates to numbers, the files with dates are the older ones.
     */
    static int compareAges(String left, String right, String log) {
        String leftAdded = added(left, log);
        String rightAdded = added(right, log);
        boolean leftNumber = NUMBER.matcher(leftAdded).matches();
        boolean rightNumber = NUMBER.matcher(rightAdded).matches();
        if (leftNumber != rightNumber) {
            return leftNumber ? 1 : -1;
        }
        return leftNumber
                ? Integer.compare(Integer.parseInt(rightAdded.substring(1)), Integer.parseInt(leftAdded.substring(1)))
                : leftAdded.compareTo(rightAdded);
    }
}
