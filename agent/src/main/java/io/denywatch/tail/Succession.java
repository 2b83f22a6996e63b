package io.denywatch.tail;

import java.io.IOException;

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

    /** The age of a file, beside one that is known. */
    Age of(OpenFile file, NamePlace place, OpenFile known) throws IOException {
        long begins = Fingerprint.of(file.content()).firstMicros(clock);
        long knownBegins = known.fingerprint().firstMicros(clock);
        long knownEnds = Math.max(knownBegins, known.fingerprint().lastMicros(clock));
        if (begins == LineClock.NO_TIME || knownBegins == LineClock.NO_TIME) {
            return switch (place) {
                case BEFORE -> Age.OLDER;
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
