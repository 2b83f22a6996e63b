package io.denywatch.tail;

import java.io.IOException;
import java.util.List;

/**
 * Whether a file that nobody has read was the log after one that is known. Files are written one after the other, so the
 * times of their lines tell. Where these say nothing, or not enough, names and the times of files must do; where they
 * contradict each other it is not guessed.
 *
 * @param clock reads the times of lines
 */
record Succession(LineClock clock) {
    enum Age {
        NEWER,
        OLDER,
        UNKNOWN
    }

    /** How far a line's time may be before that of the line in front of it. */
    private static final long DISORDER_MICROS = 5_000_000;

    /** Where a name stands among the names of the rotated files. */
    enum NamePlace {
        BEFORE,
        AFTER,
        /** The known file is not among them. */
        UNKNOWN
    }

    /** Whether the lines of one file say that they were written before those of another. */
    boolean isSurelyBefore(OpenFile file, OpenFile other) throws IOException {
        long begins = Fingerprint.of(file.content()).firstMicros(clock);
        long otherBegins = Fingerprint.of(other.content()).firstMicros(clock);
        return begins != LineClock.NO_TIME && begins < otherBegins;
    }

    /**
     * The age of a file, beside those that have been read. An empty log is rotated as well: then the one read before it
     * has the times to compare with.
     *
     * @param place of its name, beside that of the file read last
     * @param read the file read last is the last of them
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
                // Names that begin with the day do not sort by age: alone, they are no proof against lines with times.
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
