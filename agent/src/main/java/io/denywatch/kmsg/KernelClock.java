package io.denywatch.kmsg;

/**
 * Computes the wall-clock time at which the kernel wrote a record. Confined to the ingest thread. Stamps come from the
 * kernel's own clock (local_clock), which stops while the machine is suspended or its virtual machine is paused, and
 * which is never corrected, so the time of boot plus the stamp can be hours off. Records that are read as they arrive
 * show how far the two clocks are apart.
 *
 * <p>The distance is the smallest difference between the wall clock at reading and the stamp, in the current and the
 * previous minute of reading: a record can be read late, but never early. A new minute begins only with the first
 * record read after the previous minute, however late. So a process that was stopped keeps the earlier distance and
 * does not take a backlog for new records. After a pause or a step of the clock, the distance is right again with the
 * first record if it shrank, and within two minutes if it grew; until then, records seem older than they are.
 *
 * <p>Before the first such record, an estimate is used. The local clock is never ahead of the uptime, so the estimate
 * is never above the true distance. Records can only seem too old, and a backlog never looks like a sudden flood.
 */
final class KernelClock {
    /** Length of a minute of reading, in microseconds. */
    static final long MINUTE_MICROS = 60_000_000;

    private static final long NONE = Long.MAX_VALUE;

    private long estimateMicros;
    private long minuteStartMicros;
    private long presentMicros = NONE;
    private long previousMicros = NONE;

    /** Takes the wall-clock time and the uptime at the same moment. */
    void estimate(long wallMicros, long uptimeMicros) {
        estimateMicros = wallMicros - uptimeMicros;
    }

    /** Takes the time at which a record was read, and its stamp; as far as is known, it was read without delay. */
    void sample(long readMicros, long stampMicros) {
        long age = readMicros - minuteStartMicros;
        if (presentMicros == NONE || age >= MINUTE_MICROS || age < 0) {
            previousMicros = presentMicros;
            presentMicros = NONE;
            minuteStartMicros = readMicros;
        }
        presentMicros = Math.min(presentMicros, readMicros - stampMicros);
    }

    /** Unix time in microseconds of a stamp; never after the record was read. */
    long unixMicros(long readMicros, long stampMicros) {
        long distance = presentMicros == NONE ? estimateMicros : Math.min(presentMicros, previousMicros);
        return Math.min(readMicros, stampMicros + distance);
    }
}
