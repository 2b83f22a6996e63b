package io.denywatch.doctor;

import io.denywatch.process.Quantities;
import io.denywatch.process.Spans;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks of a text log: who can write to it, whether its time stamps are right, and whether it has kernel lines. */
record LogChecks(Node node, Installation installation, LogSample sample, Instant now) {
    private static final Path SOCKET = Path.of("/dev/log");

    /**
     * How far a time stamp may be ahead of this process's clock. Loggers use the same clock, and a line is read after
     * it was written.
     */
    private static final Duration AHEAD_MAX = Duration.ofMinutes(1);
    /** How long a log may be silent: even on an idle node, a timer starts something within this time. */
    private static final Duration QUIET_MAX = Duration.ofHours(2);

    private static final Path RSYSLOG = Path.of("/etc/rsyslog.conf");
    private static final Path RSYSLOG_DIRECTORY = Path.of("/etc/rsyslog.d");
    /** Loads an input for the kernel's log, or for the journal, which contains it. */
    private static final Pattern LOADS_KERNEL_INPUT =
            Pattern.compile("(?im)^\\s*(module\\s*\\(.*load\\s*=\\s*\"|\\$ModLoad\\s+)im(klog|kmsg|journal)\\b");

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        writers().ifPresent(findings::add);
        stamps(findings);
        kernelLines().ifPresent(findings::add);
        return findings;
    }

    /** Who can write lines that look like the kernel's, according to rsyslog's configuration if that can be read. */
    private Optional<Finding> writers() {
        RsyslogRules rules = RsyslogRules.of(node);
        Path log = installation.log();
        boolean kernelAlone = rules.writesKernelAlone(log);
        if (installation.trusted() && (kernelAlone || !rules.writes(log))) {
            return Optional.of(FindingKind.LOG_OF_KERNEL_ALONE.found(
                    log + ": has only the kernel's lines, according to source.trusted"
                            + (kernelAlone ? " and rsyslog's configuration" : "")));
        }
        List<String> known = new ArrayList<>();
        if (installation.trusted()) {
            known.add("source.trusted is true, but another rule of rsyslog writes to it as well");
        } else if (kernelAlone) {
            known.add("rsyslog writes only imklog's messages there, so source.trusted may be set to true");
        } else if (!rules.inputs().isEmpty()) {
            known.add("rsyslog's inputs are " + String.join(", ", rules.inputs())
                    + ", and no rule limits this log to imklog");
        } else if (installation.blocks()) {
            known.add("it cannot be seen here which programs may write to it");
        }
        socket().ifPresent(known::add);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        FindingKind kind = installation.blocks() ? FindingKind.LOG_CAN_BE_FORGED : FindingKind.COUNTS_CAN_BE_FORGED;
        return Optional.of(kind.found(log + ": " + String.join("; ", known)));
    }

    private Optional<String> socket() {
        try {
            boolean open = Files.getPosixFilePermissions(node.locate(node.target(SOCKET)))
                    .contains(PosixFilePermission.OTHERS_WRITE);
            return Optional.of(SOCKET + (open ? " is open to all users" : " is not open to all users"));
        } catch (IOException _) {
            return Optional.empty(); // it does not exist, as in a pod
        }
    }

    /** Whether the time stamps can be read and are right, and whether lines are still written. */
    private void stamps(List<Finding> findings) {
        if (sample.lines() == 0) {
            findings.add(FindingKind.LOG_EMPTY.found(installation.log() + ": has no line"));
            return;
        }
        long zoned = sample.zonedLines();
        long yearless = sample.yearlessLines();
        long none = sample.lines() - zoned - yearless;
        String what = String.format(
                Locale.ROOT,
                "%s: lines with RFC 3339 time stamps: %,d, without a zone: %,d, unreadable: %,d",
                installation.log(),
                zoned,
                yearless,
                none);
        findings.add((none > sample.lines() / 2 ? FindingKind.STAMPS_UNKNOWN : FindingKind.STAMPS).found(what));
        if (sample.zoneErrorSeconds() != 0) {
            findings.add((installation.learnsZone() ? FindingKind.TIME_ZONE_LEARNED : FindingKind.TIME_ZONE_WRONG)
                    .found("%s: in the time zone %s, the time stamps would be off by %s"
                            .formatted(
                                    installation.log(),
                                    installation.zone(),
                                    Quantities.hours(sample.zoneErrorSeconds()))));
        }
        if (!sample.lineTimes().isEmpty()) {
            ages(findings);
        }
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

    /** Whether the kernel's messages are in this log; empty where the lines are not understood well enough to say. */
    private Optional<Finding> kernelLines() {
        boolean unknown = sample.kernelLines() == 0 && sample.mayMisunderstandKernel();
        if (sample.lines() == 0 || unknown) {
            return Optional.empty();
        }
        if (sample.kernelLines() > 0) {
            return Optional.of(FindingKind.KERNEL_LINES.found(String.format(
                    Locale.ROOT,
                    "%s: %,d of the last %,d lines are the kernel's",
                    installation.log(),
                    sample.kernelLines(),
                    sample.lines())));
        }
        String what = installation.log() + ": none of the last " + Quantities.count(sample.lines(), "line")
                + " is the kernel's";
        List<Path> elsewhere = LogFile.othersWithKernelLines(node, installation, now);
        if (!elsewhere.isEmpty()) {
            return Optional.of(
                    FindingKind.KERNEL_LINES_ELSEWHERE.found(what + "; there are some in " + elsewhere.getFirst()));
        }
        return Optional.of(
                rsyslogLacksInput()
                        ? FindingKind.RSYSLOG_WITHOUT_IMKLOG.found(what + "; " + RSYSLOG + " does not load imklog")
                        : FindingKind.NO_KERNEL_LINES.found(what));
    }

    private boolean rsyslogLacksInput() {
        String main = node.text(RSYSLOG);
        return !main.isEmpty()
                && Stream.concat(
                                Stream.of(main),
                                node.list(RSYSLOG_DIRECTORY).stream().map(node::text))
                        .noneMatch(text -> LOADS_KERNEL_INPUT.matcher(text).find());
    }
}
