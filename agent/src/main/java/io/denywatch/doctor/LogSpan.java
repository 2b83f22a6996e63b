package io.denywatch.doctor;

import io.denywatch.packet.DeniedPacket;

/** The first and the last of some times in the order of the log, and the greatest; Unix microseconds. */
final class LogSpan {
    private static final long NO_TIME = DeniedPacket.NO_TIME;

    private long first = NO_TIME;
    private long last = NO_TIME;
    private long greatest = NO_TIME;

    void add(long micros) {
        if (micros != NO_TIME) {
            first = first == NO_TIME ? micros : first;
            last = micros;
            greatest = Math.max(greatest, micros);
        }
    }

    boolean isEmpty() {
        return last == NO_TIME;
    }

    long micros() {
        return Math.max(0, last - first);
    }

    long lastMicros() {
        return last;
    }

    long greatestMicros() {
        return greatest;
    }
}
