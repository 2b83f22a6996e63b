package io.denywatch.blocklist;

/**
 * How many sources were first seen in the last minute of event time and have sent a single packet since: many, where
 * sources are forged. Exact for as long as sources are remembered by whoever tells of them. Confined to the ingest thread.
 */
final class OnePacketSources {
    /** For how long a source counts, in seconds. */
    static final int WITHIN_SECONDS = 60;

    private final int[] firstSeen = new int[WITHIN_SECONDS]; // sources by second modulo this
    private long newest; // Unix seconds
    private int count;

    /** Lets the minute end no earlier than at this second, unless the clock was set back: then it begins anew. */
    void moveOn(long second) {
        if (second < newest && second >= newest - SourceWindows.SET_BACK_SECONDS) {
            return;
        }
        boolean anew = second < newest || second - newest >= WITHIN_SECONDS;
        for (long leaving = anew ? second - WITHIN_SECONDS + 1 : newest + 1; leaving <= second; leaving++) {
            int slot = slot(leaving);
            count -= firstSeen[slot];
            firstSeen[slot] = 0;
        }
        newest = second;
    }

    /** The newest second told of. */
    long newest() {
        return newest;
    }

    int count() {
        return count;
    }

    /** A source sent its first packet. */
    void first(long second) {
        if (isWithin(second)) {
            firstSeen[slot(second)]++;
            count++;
        }
    }

    /** A source sent its second packet, and the first at this second. */
    void second(long firstSecond) {
        // After the clock was set back there are first packets that the minute, begun anew, does not hold.
        if (isWithin(firstSecond) && firstSeen[slot(firstSecond)] > 0) {
            firstSeen[slot(firstSecond)]--;
            count--;
        }
    }

    private boolean isWithin(long second) {
        return second <= newest && second > newest - WITHIN_SECONDS;
    }

    private static int slot(long second) {
        return Math.floorMod(second, WITHIN_SECONDS);
    }
}
