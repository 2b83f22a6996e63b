package io.denywatch.explain;

import io.denywatch.api.EvidenceJson;
import io.denywatch.blocklist.Allowance;
import io.denywatch.blocklist.BlockEntry;
import io.denywatch.blocklist.ManualEntry;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.Columns;
import io.denywatch.process.Spans;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;

/** The blocklist for people and for programs. */
final class BlocklistText {
    private static final IpPrefix EVERYWHERE = new IpPrefix(new Ip(0, 0), 0);

    private BlocklistText() {}

    /** All sets: one row for each source that is blocked. */
    static String list(List<BlocklistSet> sets, Instant now) {
        List<String> rows = rows(sets, EVERYWHERE, now);
        return (rows.isEmpty() ? "nobody is blocked\n" : table(rows))
                + allowances(sets, EVERYWHERE, now).stream()
                        .map(line -> line + "\n")
                        .collect(Collectors.joining());
    }

    /** The same as one object. */
    static void writeList(JsonGenerator json, List<BlocklistSet> sets, Instant now) {
        json.writeStartObject();
        write(json, sets, EVERYWHERE, now);
        json.writeEndObject();
    }

    /** How many sources among these are blocked. */
    static int sources(List<BlocklistSet> sets, IpPrefix asked, Instant now) {
        return rows(sets, asked, now).size();
    }

    /** One row for each of them. */
    static String table(List<BlocklistSet> sets, IpPrefix asked, Instant now) {
        return table(rows(sets, asked, now));
    }

    private static String table(List<String> rows) {
        return Columns.of(List.of("SOURCE", "BY", "RULE", "SINCE", "ENDS IN", "WHY"), rows);
    }

    /** Whom people keep from being blocked. */
    static List<String> allowances(List<BlocklistSet> sets, IpPrefix asked, Instant now) {
        return sets.stream()
                .flatMap(set -> set.manual().allowances().stream())
                .filter(allowance -> asked.overlaps(allowance.addresses()) && now.isBefore(allowance.until()))
                .map(allowance -> "no agent may block " + allowance.addresses().compact() + " until "
                        + allowance.until() + ": somebody took it out of the blocklist")
                .toList();
    }

    /** One row for each source: its columns, separated by tabs. */
    private static List<String> rows(List<BlocklistSet> sets, IpPrefix asked, Instant now) {
        List<String> rows = new ArrayList<>();
        for (BlocklistSet set : sets) {
            for (BlockEntry entry : set.entries()) {
                if (asked.overlaps(entry.source())) {
                    rows.add(row(
                            entry.source().compact(),
                            set.node(),
                            entry.rule() + (entry.repeats() > 0 ? " (repeat " + entry.repeats() + ")" : ""),
                            entry.at().toString(),
                            left(entry.until(), now),
                            why(entry.evidence())));
                }
            }
            for (ManualEntry entry : set.manual().entries()) {
                if (asked.overlaps(entry.source())) {
                    rows.add(row(
                            entry.source().compact(),
                            entry.by().isEmpty() ? "somebody" : entry.by(),
                            "by hand",
                            entry.at().toString(),
                            left(entry.until(), now),
                            entry.reason()));
                }
            }
            for (String net : foreign(set, asked)) {
                rows.add(row(net, set.name(), "none", "unknown", "never", "written by another hand than ours"));
            }
        }
        return rows;
    }

    /** Nets of a set that no entry explains. */
    static List<String> foreign(BlocklistSet set, IpPrefix asked) {
        return set.foreign().stream().filter(net -> isAmong(net, asked)).toList();
    }

    private static boolean isAmong(String net, IpPrefix asked) {
        try {
            return asked.overlaps(IpPrefix.parse(net));
        } catch (IllegalArgumentException e) {
            return asked.equals(EVERYWHERE); // the data plane cannot read it either
        }
    }

    private static String row(String... columns) {
        return String.join("\t", columns);
    }

    private static String left(Instant until, Instant now) {
        Duration left = Duration.between(now, until);
        return left.isPositive() ? Spans.rounded(left) : "overdue";
    }

    private static String why(Evidence evidence) {
        StringBuilder text = new StringBuilder().append(evidence.count()).append(" counted");
        if (!evidence.ports().isEmpty()) {
            text.append("; ").append(String.join(", ", evidence.ports()));
        }
        evidence.loadBalancers()
                .forEach(address ->
                        text.append(text.indexOf(" at ") < 0 ? "; at " : ", ").append(address));
        return text.toString();
    }

    /** The properties of an object that says the same. */
    static void write(JsonGenerator json, List<BlocklistSet> sets, IpPrefix asked, Instant now) {
        json.writeArrayPropertyStart("entries");
        for (BlocklistSet set : sets) {
            set.entries().stream()
                    .filter(entry -> asked.overlaps(entry.source()))
                    .forEach(entry -> write(json, set.node(), entry, now));
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("manual");
        for (BlocklistSet set : sets) {
            set.manual().entries().stream()
                    .filter(entry -> asked.overlaps(entry.source()))
                    .forEach(entry -> write(json, entry, now));
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("allowances");
        for (BlocklistSet set : sets) {
            set.manual().allowances().stream()
                    .filter(allowance -> asked.overlaps(allowance.addresses()))
                    .forEach(allowance -> write(json, allowance));
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("foreign");
        for (BlocklistSet set : sets) {
            foreign(set, asked).forEach(net -> {
                json.writeStartObject();
                json.writeStringProperty("set", set.name());
                json.writeStringProperty("net", net);
                json.writeEndObject();
            });
        }
        json.writeEndArray();
    }

    private static void write(JsonGenerator json, String node, BlockEntry entry, Instant now) {
        json.writeStartObject();
        json.writeStringProperty("source", entry.source().compact());
        json.writeStringProperty("node", node);
        json.writeStringProperty("rule", entry.rule());
        json.writeStringProperty("at", entry.at().toString());
        json.writeStringProperty("until", entry.until().toString());
        json.writeBooleanProperty("overdue", entry.isOver(now));
        json.writeNumberProperty("repeats", entry.repeats());
        EvidenceJson.write(json, entry.evidence());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, ManualEntry entry, Instant now) {
        json.writeStartObject();
        json.writeStringProperty("source", entry.source().compact());
        json.writeStringProperty("at", entry.at().toString());
        json.writeStringProperty("until", entry.until().toString());
        json.writeBooleanProperty("overdue", !now.isBefore(entry.until()));
        json.writeStringProperty("reason", entry.reason());
        json.writeStringProperty("by", entry.by());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Allowance allowance) {
        json.writeStartObject();
        json.writeStringProperty("addresses", allowance.addresses().compact());
        json.writeStringProperty("until", allowance.until().toString());
        json.writeEndObject();
    }
}
