package io.denywatch.doctor;

import io.denywatch.process.Quantities;
import io.denywatch.process.Spans;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Whether lines have times that can be read and are right, and whether lines come at all. */
record StampsCheck(LogSample sample, Installation installation, Instant now) implements Check {
    /** Clocks of loggers and of their readers are the same one; what is between writing and reading only goes back. */
    private static final Duration AHEAD_MAX = Duration.ofMinutes(1);
    /** Even a node that does nothing starts something by a timer in this time. */
    private static final Duration QUIET_MAX = Duration.ofHours(2);

    @Override
    public List<Finding> findings() {
        if (sample.lines() == 0) {
            return List.of(FindingKind.LOG_EMPTY.found(installation.log() + ": has no line"));
        }
        List<Finding> findings = new ArrayList<>();
        long zoned = sample.zonedLines();
        long yearless = sample.yearlessLines();
        long none = sample.lines() - zoned - yearless;
        String what = String.format(
                Locale.ROOT,
                "%s: time stamps are RFC 3339 in %,d, without a zone (as in traditional ones) in %,d and unreadable in %,d lines",
                installation.log(),
                zoned,
                yearless,
                none);
        findings.add((none > sample.lines() / 2 ? FindingKind.STAMPS_UNKNOWN : FindingKind.STAMPS).found(what));
        if (sample.zoneErrorSeconds() != 0) {
            findings.add((installation.learnsZone() ? FindingKind.TIME_ZONE_LEARNED : FindingKind.TIME_ZONE_WRONG)
                    .found("%s: read as times of the zone %s, time stamps are off by %s"
                            .formatted(
                                    installation.log(),
                                    installation.zone(),
                                    Quantities.hours(sample.zoneErrorSeconds()))));
        }
        if (!sample.lineTimes().isEmpty()) {
            ages(findings);
        }
        return findings;
    }

    private void ages(List<Finding> findings) {
        Instant greatest = instant(sample.lineTimes().greatestMicros());
        Duration ahead = Duration.between(now, greatest);
        if (ahead.compareTo(AHEAD_MAX) > 0) {
            findings.add(
                    FindingKind.STAMPS_IN_FUTURE.found("%s: the latest time stamp, %s, is %s ahead of the clock, %s"
                            .formatted(installation.log(), greatest, Spans.words(ahead), now)));
        }
        Duration age = Duration.between(instant(sample.lineTimes().lastMicros()), now);
        if (age.compareTo(QUIET_MAX) > 0) {
            findings.add(FindingKind.LOG_QUIET.found(
                    installation.log() + ": the last line was written " + Spans.words(age) + " ago"));
        }
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
