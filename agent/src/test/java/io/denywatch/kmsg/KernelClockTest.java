package io.denywatch.kmsg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Seconds of the wall clock and of the kernel's; the wall clock is 1,000 ahead unless a row says otherwise. */
class KernelClockTest {
    private static final long SECOND = 1_000_000;

    private final KernelClock clock = new KernelClock();

    /** Takes a record as soon as it is read, and says when it was written by the wall clock. */
    private long live(long read, long stamp) {
        clock.sample(read * SECOND, stamp * SECOND);
        return clock.unixMicros(read * SECOND, stamp * SECOND) / SECOND;
    }

    private long backlog(long read, long stamp) {
        return clock.unixMicros(read * SECOND, stamp * SECOND) / SECOND;
    }

    /** One record after the other: read, stamp, expected. */
    private void assertTimes(String rows) {
        for (String row : rows.strip().split("\\s*\n\\s*", -1)) {
            String[] cells = row.strip().split("\\s+", -1);
            assertEquals(
                    Long.parseLong(cells[2]), live(Long.parseLong(cells[0]), Long.parseLong(cells[1])), "row " + row);
        }
    }

    @Test
    void liveRecordsHaveTheTimeAtWhichTheyWereRead() {
        assertTimes("""
                1100 100 1100
                1101 101 1101
                1260 260 1260
                9000 8000 9000
                """);
    }

    @Test
    void recordThatWaitedHasTheTimeAtWhichItWasWritten() {
        assertTimes("""
                1100 100 1100
                1130 110 1110
                1131 131 1131
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 100, 1100", // both clocks agree
        "43, 57, 1057", // the local clock stood for 43 s: older than it is
        "0, 500, 1200", // never after the read
    })
    void backlogBeforeAnyLiveRecordIsEstimatedFromTheUptime(long stood, long stamp, long expected) {
        clock.estimate(1_200 * SECOND, 200 * SECOND);

        assertEquals(expected, backlog(1_200, stamp), "the clock stood for " + stood + " s");
    }

    @Test
    void firstLiveRecordEndsTheEstimate() {
        clock.estimate(1_200 * SECOND, 243 * SECOND);
        assertEquals(1_147, backlog(1_200, 190));

        assertTimes("1200 200 1200");
        assertEquals(1_190, backlog(1_201, 190));
    }

    @Test
    void pauseOfTheMachineIsFollowedWithinTwoMinutes() {
        // From 1130 on, the distance is 1,600: the machine stood for 600 s.
        assertTimes("""
                1100 100 1100
                1120 120 1120
                1730 130 1130
                1750 150 1150
                1789 189 1189
                1790 190 1790
                1791 191 1791
                """);
    }

    @Test
    void clockSetBackIsFollowedAtOnce() {
        assertTimes("""
                5100 100 5100
                5101 101 5101
                1502 102 1502
                1503 103 1503
                1663 263 1663
                """);
    }

    @Test
    void clockSetForwardIsFollowedWithinTwoMinutes() {
        assertTimes("""
                1100 100 1100
                4701 101 1101
                4760 160 1160
                4761 161 4761
                4762 162 4762
                """);
    }

    @Test
    void whatCameWhileTheProcessWasStoppedIsNotNew() {
        // Stopped from 1110 to 1900: records of that time are read in one go, then live ones.
        assertTimes("""
                1100 100 1100
                1109 109 1109
                1900 111 1111
                1900 500 1500
                1900 899 1899
                1901 901 1901
                1961 961 1961
                2021 1021 2021
                """);
    }

    @Test
    void stopBeforeASilenceDoesNotLast() {
        assertTimes("""
                1100 100 1100
                1900 111 1111
                5000 4000 5000
                5060 4060 5060
                """);
    }
}
