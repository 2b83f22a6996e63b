package io.denywatch.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.packet.SyslogTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class YearlessOffsetTest {
    private static final long NOW = 1_772_359_200;

    private final SyslogTime time = new SyslogTime(ZoneOffset.UTC);
    private final YearlessOffset offset = YearlessOffset.learned(time);

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
        YearlessOffset configured = YearlessOffset.configured(time);
        configured.sample((NOW + 3600) * 1_000_000, NOW);
        assertEquals(0, configured.seconds());
    }
}
