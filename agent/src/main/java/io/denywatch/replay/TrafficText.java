package io.denywatch.replay;

import io.denywatch.api.TrafficDocument;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Formats denied traffic as text for people. */
final class TrafficText {
    private static final int ROWS_MAX = 10;

    private TrafficText() {}

    /** The whole text; each line ends with a newline. */
    static String of(TrafficDocument report) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "lines %,d, denied packets %,d, bytes %,d, load balancers %d%n",
                report.lines(),
                report.packets(),
                report.bytes(),
                report.nlbs().size()));
        if (report.from() != null && report.to() != null) {
            text.append("from ")
                    .append(report.from())
                    .append(" to ")
                    .append(report.to())
                    .append('\n');
        }
        if (report.unrecognized() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "unrecognized lines that have a prefix %,d; see them with \"denywatch parse --malformed\"%n",
                    report.unrecognized()));
        }
        counts(text, "malformed lines", report.malformed());
        counts(text, "lines dropped before the log", report.suppressed());
        for (TrafficDocument.LoadBalancerTraffic nlb : report.nlbs()) {
            nlb(text, nlb);
        }
        return text.toString();
    }

    private static void counts(StringBuilder text, String what, Map<String, Long> counts) {
        if (!counts.isEmpty()) {
            text.append(what).append(": ");
            text.append(counts.entrySet().stream()
                    .map(entry -> entry.getKey() + " " + entry.getValue())
                    .collect(Collectors.joining(", ")));
            text.append('\n');
        }
    }

    private static void nlb(StringBuilder text, TrafficDocument.LoadBalancerTraffic nlb) {
        text.append(String.format(
                Locale.ROOT,
                "%n%s  packets %,d, bytes %,d, sources %,d%n",
                nlb.nlb(),
                nlb.packets(),
                nlb.bytes(),
                nlb.sources()));
        text.append(
                String.format("  %-28s %14s %14s   %-12s %14s%n", "source", "at least", "at most", "port", "packets"));
        int rows = Math.min(
                ROWS_MAX, Math.max(nlb.topSources().size(), nlb.topPorts().size()));
        for (int row = 0; row < rows; row++) {
            text.append((source(nlb.topSources(), row) + port(nlb.topPorts(), row)).stripTrailing())
                    .append('\n');
        }
    }

    private static String source(List<TrafficDocument.SourceTraffic> sources, int row) {
        if (row >= sources.size()) {
            return " ".repeat(60);
        }
        TrafficDocument.SourceTraffic source = sources.get(row);
        return String.format(
                Locale.ROOT, "  %-28s %,14d %,14d", source.source(), source.packets(), source.upperBound());
    }

    private static String port(List<TrafficDocument.PortTraffic> ports, int row) {
        if (row >= ports.size()) {
            return "";
        }
        TrafficDocument.PortTraffic port = ports.get(row);
        String name = port.port() == null ? port.protocol() : port.protocol() + "/" + port.port();
        return String.format(Locale.ROOT, "   %-12s %,14d", name, port.packets());
    }
}
