package io.denywatch.kmsg;

/**
 * When, by the wall clock, the kernel wrote a record. Confined to the ingest thread. Its stamps come from a clock of
 * its own (local_clock), which stands while the machine is suspended or its virtual machine paused, and which nobody
 * corrects: uptime plus stamp can be hours off. Records read while they come show how far the two clocks are apart.
 *
 * <p>The distance is the least of wall clock at read minus stamp in the present and the previous minute of reading: a
 * record can be read late, but never early. A minute ends when a record comes after its end, however long after: so a
 * process that was stopped still has the distance from before, and does not take what it finds for new. After a pause
 * or a step of the clock the distance is right again with the first record if it shrank, and within two minutes if it
 * grew; until then, records seem older than they are.
 *
 * <p>Before the first such record, there is an estimate: the local clock is never ahead of the uptime, so the estimate
 * is never above the true distance, and errs towards older. A backlog may look late, but never like a storm of now.
 */
final class KernelClock {
    /** Length of a minute of reading, in microseconds. */
    static final long MINUTE_MICROS = 60_000_000;

    private static final long NONE = Long.MAX_VALUE;

    private long estimateMicros;
    private long minuteStartMicros;
    private long presentMicros = NONE;
    private long previousMicros = NONE;

    /** Takes the wall clock and the uptime of one moment. */
    void estimate(long wallMicros, long uptimeMicros) {
        estimateMicros = wallMicros - uptimeMicros;
    }

    /** Takes the wall clock at which a record was read that had not waited, as far as is known, and its stamp. */
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
