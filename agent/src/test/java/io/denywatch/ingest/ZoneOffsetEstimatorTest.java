package io.denywatch.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.count.CheckedInput;
import io.denywatch.packet.SyslogTime;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ZoneOffsetEstimatorTest {
    private static final long NOW = 1_772_359_200;

    private final SyslogTime time = new SyslogTime(ZoneOffset.UTC);
    private final ZoneOffsetEstimator offset = ZoneOffsetEstimator.learned(time);

    /** A line just written on a node whose clock shows {@code zoneSeconds} more than UTC. */
    private void liveLine(long zoneSeconds, long delaySeconds) {
        long shown = NOW - delaySeconds + zoneSeconds;
        offset.sample((shown - time.offsetSeconds()) * 1_000_000, NOW);
    }

    @Test
    void learnsTheZoneFromTheFirstLiveLine() {
        liveLine(-5 * 3600, 1);
        assertEquals(-5 * 3600, offset.seconds());
    }

    @Test
    void learnsZonesOfQuarterHours() {
        liveLine(5 * 3600 + 2700, 0);
        assertEquals(5 * 3600 + 2700, offset.seconds());
    }

    @Test
    void oneDelayedLineDoesNotUnlearnIt() {
        for (int i = 0; i < 5; i++) {
            liveLine(3600, 0);
        }
        liveLine(3600, 1800);
        assertEquals(3600, offset.seconds());
    }

    @Test
    void followsDaylightSavingWithinTwentyLines() {
        for (int i = 0; i < 100; i++) {
            liveLine(3600, 0);
        }
        for (int i = 0; i < 11; i++) {
            liveLine(7200, 0);
        }
        assertEquals(7200, offset.seconds());
    }

    @Test
    void ignoresLinesThatNoZoneExplains() {
        liveLine(3600, 0);
        for (int i = 0; i < 50; i++) {
            liveLine(90_000, 0);
        }
        assertEquals(3600, offset.seconds());
    }

    @Test
    void leavesAConfiguredZoneAlone() {
        ZoneOffsetEstimator configured = ZoneOffsetEstimator.configured(time);
        configured.sample((NOW + 3600) * 1_000_000, NOW);
        assertEquals(0, configured.seconds());
    }

    private static void hand(ZoneOffsetEstimator from, ZoneOffsetEstimator to) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        from.save(new DataOutputStream(bytes));
        to.restore(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    @Test
    void goesOnWithWhatWasLearned() throws IOException {
        liveLine(-5 * 3600, 1);
        SyslogTime restarted = new SyslogTime(ZoneOffset.UTC);
        ZoneOffsetEstimator after = ZoneOffsetEstimator.learned(restarted);
        hand(offset, after);
        assertEquals(-5 * 3600, after.seconds());
        SyslogTime again = new SyslogTime(ZoneOffset.UTC);
        hand(after, ZoneOffsetEstimator.learned(again));
        assertEquals(-5 * 3600, again.offsetSeconds());
    }

    @Test
    void aZoneThatWasNotLearnedYetIsNotHandedOn() throws IOException {
        SyslogTime moved = new SyslogTime(ZoneOffset.ofHours(2));
        ZoneOffsetEstimator after = ZoneOffsetEstimator.learned(moved);
        hand(offset, after);
        assertEquals(7200, after.seconds());
    }

    @Test
    void aConfiguredZoneIsNotReplacedByAlearnedOne() throws IOException {
        liveLine(3600, 0);
        ZoneOffsetEstimator configured = ZoneOffsetEstimator.configured(new SyslogTime(ZoneOffset.UTC));
        hand(offset, configured);
        assertEquals(0, configured.seconds());
    }

    @Test
    void followsAzoneThatChangedDuringTheRestart() throws IOException {
        liveLine(7200, 0);
        SyslogTime restarted = new SyslogTime(ZoneOffset.UTC);
        ZoneOffsetEstimator after = ZoneOffsetEstimator.learned(restarted);
        hand(offset, after);
        for (int i = 0; i < 2; i++) {
            after.sample((NOW + 3600 - restarted.offsetSeconds()) * 1_000_000, NOW);
        }
        assertEquals(3600, after.seconds());
    }

    @Test
    void learnsNoOffsetThatNoZoneHas() throws IOException {
        byte[] state = {1, 0, 1, 0x51, (byte) 0x80}; // 24 h
        CheckedInput in = new CheckedInput(new ByteArrayInputStream(state));
        offset.restore(in);
        assertEquals(0, offset.seconds());
        assertEquals("offset of time stamps (86400)", in.dropped());
    }
}
