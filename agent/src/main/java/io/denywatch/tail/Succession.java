package io.denywatch.tail;

import java.io.IOException;
import java.util.List;

/**
 * Decides whether an unread file was the log after a known one. Confined to the ingest thread. Files are written one
 * after the other, so the times of their lines decide. If these are missing or not sufficient, names and times of files
 * decide. If they contradict each other, the age is unknown.
 *
 * @param clock reads the times of lines
 */
record Succession(LineClock clock) {
    enum Age {
        NEWER,
        OLDER,
        UNKNOWN
    }

    /** How much earlier a line's time may be than that of the line before it. */
    private static final long DISORDER_MICROS = 5_000_000;

    /** The place of a name relative to that of the known file. */
    enum NamePlace {
        BEFORE,
        AFTER,
        /** The known file is not listed. */
        UNKNOWN
    }

    /** Whether lines of one file were certainly written before those of another. */
    boolean isSurelyBefore(OpenFile file, OpenFile other) throws IOException {
        long begins = Fingerprint.of(file.content()).firstMicros(clock);
        long otherBegins = Fingerprint.of(other.content()).firstMicros(clock);
        return begins != LineClock.NO_TIME && begins < otherBegins;
    }

    /**
     * The age of a file relative to those that have been read. The file read last may be empty, because empty logs are
     * rotated too; then the one before it has times to compare.
     *
     * @param place place of its name relative to that of the file read last
     * @param read files that have been read, the file read last at the end
     */
    Age of(OpenFile file, NamePlace place, List<OpenFile> read) throws IOException {
        OpenFile last = read.getLast();
        for (OpenFile known : read.reversed()) {
            if (known.fingerprint().firstMicros(clock) != LineClock.NO_TIME) {
                boolean named = known == last || place == NamePlace.AFTER;
                return of(file, named ? place : NamePlace.UNKNOWN, known);
            }
        }
        return of(file, place, last);
    }

    private Age of(OpenFile file, NamePlace place, OpenFile known) throws IOException {
        long begins = Fingerprint.of(file.content()).firstMicros(clock);
        long knownBegins = known.fingerprint().firstMicros(clock);
        long knownEnds = Math.max(knownBegins, known.fingerprint().lastMicros(clock));
        if (begins == LineClock.NO_TIME || knownBegins == LineClock.NO_TIME) {
            return switch (place) {
                // Names that begin with the day do not sort by age, so they do not outweigh lines with times.
                case BEFORE -> begins == LineClock.NO_TIME ? Age.OLDER : Age.UNKNOWN;
                case AFTER -> Age.NEWER;
                case UNKNOWN -> file.beganNanos() >= known.beganNanos() ? Age.NEWER : Age.UNKNOWN;
            };
        }
        if (place == NamePlace.BEFORE && begins <= knownBegins) {
            return Age.OLDER;
        }
        if (begins >= knownEnds - (place == NamePlace.BEFORE ? 0 : DISORDER_MICROS)) {
            return Age.NEWER;
        }
        boolean older = begins < knownBegins - DISORDER_MICROS;
        if (place == NamePlace.AFTER) {
            return older ? Age.UNKNOWN : Age.NEWER;
        }
        return older ? Age.OLDER : Age.UNKNOWN;
    }
}
