package io.denywatch.doctor;

import io.denywatch.packet.LineKind;
import io.denywatch.process.Quantities;
import io.denywatch.process.Spans;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/** Checks of the packet lines of a text log: whether there are any, their prefixes, and whether they are complete. */
record PacketChecks(LogSample sample, List<String> configured, Instant now) {
    /** The characters of a prefix that iptables keeps (xt_LOG has 30 bytes, including the zero at the end). */
    private static final int IPTABLES_PREFIX_CHARACTERS = 29;

    private static final int QUOTED_CHARACTERS_MAX = 200;
    private static final double MALFORMED_SHARE_MAX = 0.01;
    private static final Duration RATE_SPAN_MIN = Duration.ofMinutes(1);

    List<Finding> findings() {
        if (sample.kernelLines() == 0
                && sample.untaggedPackets() == 0
                && sample.unrecognized().isEmpty()) {
            return List.of(); // another finding gives the reason
        }
        List<Finding> findings = new ArrayList<>();
        unrecognized(findings);
        Map<String, Long> beginnings = prefixes(sample.otherPrefixes(), this::isBeginningOfConfigured);
        Map<String, Long> others = prefixes(sample.otherPrefixes(), prefix -> !isBeginningOfConfigured(prefix));
        if (sample.packets() > 0) {
            findings.add(FindingKind.PACKETS.found(seen()));
        } else if (others.isEmpty()
                && beginnings.isEmpty()
                && sample.untaggedPackets() == 0
                && sample.unrecognized().isEmpty()) {
            findings.add(FindingKind.NO_PACKETS.found("none of the last " + Quantities.count(sample.lines(), "line")
                    + " is a packet line with a prefix of " + configured));
        }
        add(findings, FindingKind.PREFIX_NEVER_MATCHES, beginnings, "prefixes shorter than those of " + configured);
        add(
                findings,
                sample.packets() > 0 ? FindingKind.OTHER_PREFIXES : FindingKind.ONLY_OTHER_PREFIXES,
                others,
                "lines of LOG rules with prefixes other than " + configured);
        add(
                findings,
                FindingKind.PREFIX_CUT,
                prefixes(sample.prefixes(), PacketChecks::isCut),
                "prefixes cut at " + IPTABLES_PREFIX_CHARACTERS + " characters");
        add(
                findings,
                FindingKind.PREFIX_GLUED,
                prefixes(sample.prefixes(), prefix -> !prefix.endsWith(" ") && !isCut(prefix)),
                "prefixes without a space after them");
        if (sample.untaggedPackets() > 0) {
            findings.add(FindingKind.LINES_WITHOUT_KERNEL_TAG.found(
                    Quantities.count(sample.untaggedPackets(), "packet line") + " without the tag \"kernel:\""));
        }
        malformed(findings);
        losses(findings);
        doubles(findings);
        return findings;
    }

    private void unrecognized(List<Finding> findings) {
        sample.unrecognized()
                .forEach((reason, lines) -> findings.add(FindingKind.UNRECOGNIZED_LINES.found(
                        Quantities.count(lines.lines(), "line") + " with a prefix of "
                                + configured + " and OUT= not counted: " + reason.words() + "; for example: "
                                + quoted(lines.example()))));
    }

    private void doubles(List<Finding> findings) {
        long twice = sample.twice().packets();
        if (twice > 0) {
            findings.add(FindingKind.PACKETS_LOGGED_TWICE.found(
                    Quantities.count(twice, "packet") + " in two lines, with and without the kernel's time stamp: "
                            + quoted(sample.twice().example())));
        }
        if (sample.hosts().areSeveral()) {
            findings.add(FindingKind.SEVERAL_HOSTS.found("lines of several kernels alternate, by host: "
                    + Quantities.greatest(sample.hosts().lines()) + "; for example: "
                    + quoted(sample.hosts().example())));
        }
    }

    private static String quoted(String line) {
        String printable = line.replaceAll("[^ -~]", "?");
        return '"'
                + (printable.length() <= QUOTED_CHARACTERS_MAX
                        ? printable
                        : printable.substring(0, QUOTED_CHARACTERS_MAX) + "...")
                + '"';
    }

    private String seen() {
        LogSample.Span times = sample.packetTimes();
        String packets = Quantities.count(sample.packets(), "packet");
        if (times.isEmpty()) {
            return packets + " in the last " + Quantities.count(sample.lines(), "line");
        }
        Duration span = Duration.of(times.micros(), ChronoUnit.MICROS);
        String rate = span.compareTo(RATE_SPAN_MIN) < 0
                ? ""
                : String.format(Locale.ROOT, ", %,.1f a minute", sample.packets() * 60e6 / times.micros());
        long age = now.getEpochSecond() - Math.floorDiv(times.lastMicros(), 1_000_000);
        return packets + " in the last " + Quantities.count(sample.lines(), "line") + ", within " + Spans.words(span)
                + rate + "; the last one " + Spans.words(Duration.ofSeconds(Math.max(0, age))) + " ago";
    }

    /** Whether the line's prefix is the beginning of a configured one. */
    private boolean isBeginningOfConfigured(String prefix) {
        return !prefix.isBlank() && configured.stream().anyMatch(whole -> whole.startsWith(prefix));
    }

    /** Calico ends prefixes with a colon and a space, so a prefix of full length that ends otherwise was cut. */
    private static boolean isCut(String prefix) {
        return prefix.length() == IPTABLES_PREFIX_CHARACTERS && !prefix.endsWith(": ");
    }

    private static Map<String, Long> prefixes(Map<String, Long> all, Predicate<String> which) {
        Map<String, Long> some = new TreeMap<>();
        all.forEach((prefix, lines) -> {
            if (which.test(prefix)) {
                some.put('"' + prefix + '"', lines);
            }
        });
        return some;
    }

    private static void add(List<Finding> findings, FindingKind id, Map<String, Long> counts, String what) {
        if (!counts.isEmpty()) {
            findings.add(id.found(what + ": " + Quantities.greatest(counts)));
        }
    }

    private void malformed(List<Finding> findings) {
        long malformed = sample.lines(LineKind.MALFORMED);
        double share = (double) malformed / Math.max(1, malformed + sample.lines(LineKind.PACKET));
        if (share > MALFORMED_SHARE_MAX) {
            findings.add(FindingKind.MALFORMED_LINES.found(String.format(
                    Locale.ROOT,
                    "%.1f %% of the lines with a prefix of %s are not what the kernel writes; %s",
                    share * 100,
                    configured,
                    Quantities.greatest(labelled(sample.malformations(), reason -> reason.label())))));
        }
    }

    private void losses(List<Finding> findings) {
        add(
                findings,
                FindingKind.LINES_SUPPRESSED,
                labelled(sample.suppressed(), by -> by.label()),
                "dropped lines, by the program that dropped them");
        Map<String, Long> responses = new TreeMap<>();
        for (LineKind kind : LineKind.values()) {
            if (kind.isResponse() && sample.lines(kind) > 0) {
                responses.put(kind.label(), sample.lines(kind));
            }
        }
        add(findings, FindingKind.RESPONSES, responses, "responses to logged packets");
        if (sample.answeredSources() > 0) {
            findings.add(FindingKind.ANSWERED_SOURCES.found(Quantities.count(sample.answeredSources(), "source")
                    + " with both denied packets and an established response"));
        }
    }

    private static <K> Map<String, Long> labelled(Map<K, Long> counts, Function<K, String> label) {
        Map<String, Long> labelled = new TreeMap<>();
        counts.forEach((key, count) -> labelled.put(label.apply(key), count));
        return labelled;
    }
}
