package io.denywatch.explain;

import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.BlocklistSetsDocument;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.Columns;
import io.denywatch.process.Quantities;
import io.denywatch.process.Spans;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The blocklist for people and for programs. */
final class BlocklistText {
    /** Selects everything, also foreign nets that nobody can read. */
    private static final List<IpPrefix> ALL = List.of(IpPrefix.parse("0.0.0.0/0"), IpPrefix.parse("::/0"));

    private BlocklistText() {}

    /** All sets: one row for each source that is blocked. */
    static String list(List<BlocklistSet> sets, List<Range> exempt, Instant now) {
        List<List<String>> rows = rows(sets, ALL, now);
        return (rows.isEmpty() ? "no source is blocked\n" : table(rows))
                + Stream.concat(exemptions(sets, ALL, now).stream(), exemptSets(exempt))
                        .map(line -> line + "\n")
                        .collect(Collectors.joining());
    }

    /** The sets that exempt addresses, one line each. */
    private static Stream<String> exemptSets(List<Range> exempt) {
        return exempt.stream()
                .collect(Collectors.groupingBy(Range::reason, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(set -> "no agent may block the addresses in " + set.getKey() + ": "
                        + Quantities.count(set.getValue(), "net"));
    }

    /** The same for programs. */
    static BlocklistSetsDocument listed(List<BlocklistSet> sets, List<Range> exempt, Instant now) {
        return new BlocklistSetsDocument(
                null,
                null,
                null,
                null,
                null,
                null,
                entries(sets, ALL, now),
                manual(sets, ALL, now),
                exempted(sets, ALL),
                foreign(sets, ALL),
                exempt.stream()
                        .map(range -> new BlocklistSetsDocument.ExemptRange(
                                range.addresses().toString(), range.reason()))
                        .toList(),
                null,
                null);
    }

    /** The number of blocked sources that overlap the given addresses. */
    static int sources(List<BlocklistSet> sets, List<IpPrefix> asked, Instant now) {
        return rows(sets, asked, now).size();
    }

    /** A table of the same sources, one row each. */
    static String table(List<BlocklistSet> sets, List<IpPrefix> asked, Instant now) {
        return table(rows(sets, asked, now));
    }

    private static String table(List<List<String>> rows) {
        return Columns.of(List.of("SOURCE", "BY", "RULE", "SINCE", "ENDS IN", "WHY"), rows);
    }

    /** The exemptions made by hand, one line each. */
    static List<String> exemptions(List<BlocklistSet> sets, List<IpPrefix> asked, Instant now) {
        return sets.stream()
                .flatMap(set -> set.manual().exemptions().stream())
                .filter(exemption -> isAmong(exemption.addresses(), asked) && now.isBefore(exemption.until()))
                .map(exemption -> "no agent may block " + exemption.addresses().compact() + " until "
                        + exemption.until() + ": somebody took it out of the blocklist")
                .toList();
    }

    /** One row for each source. */
    private static List<List<String>> rows(List<BlocklistSet> sets, List<IpPrefix> asked, Instant now) {
        List<List<String>> rows = new ArrayList<>();
        for (BlocklistSet set : sets) {
            for (BlockEntry entry : set.entries()) {
                if (isAmong(entry.source(), asked)) {
                    rows.add(List.of(
                            entry.source().compact(),
                            set.node(),
                            entry.rule() + (entry.priorBlocks() > 0 ? " (repeat " + entry.priorBlocks() + ")" : ""),
                            entry.at().toString(),
                            left(entry.until(), now),
                            why(entry.evidence())));
                }
            }
            for (ManualEntry entry : set.manual().entries()) {
                if (isAmong(entry.source(), asked)) {
                    rows.add(List.of(
                            entry.source().compact(),
                            entry.by().isEmpty() ? "somebody" : entry.by(),
                            "by hand",
                            entry.at().toString(),
                            left(entry.until(), now),
                            entry.reason()));
                }
            }
            for (String net : foreign(set, asked)) {
                rows.add(List.of(net, set.name(), "none", "unknown", "never", "not written by denywatch"));
            }
        }
        return rows;
    }

    /** Nets of a set that no entry explains. */
    static List<String> foreign(BlocklistSet set, List<IpPrefix> asked) {
        return set.foreign().stream().filter(net -> isAmong(net, asked)).toList();
    }

    private static boolean isAmong(IpPrefix block, List<IpPrefix> asked) {
        return asked.stream().anyMatch(block::overlaps);
    }

    private static boolean isAmong(String net, List<IpPrefix> asked) {
        return IpPrefix.covering(net)
                .map(block -> isAmong(block, asked))
                .orElse(asked.equals(ALL)); // Calico cannot read the net either
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
        if (!evidence.members().isEmpty()) {
            text.append("; sources ")
                    .append(evidence.members().stream().map(IpPrefix::compact).collect(Collectors.joining(", ")));
        }
        return text.toString();
    }

    static List<BlocklistSetsDocument.StoredBlock> entries(List<BlocklistSet> sets, List<IpPrefix> asked, Instant now) {
        return sets.stream()
                .flatMap(set -> set.entries().stream()
                        .filter(entry -> isAmong(entry.source(), asked))
                        .map(entry -> new BlocklistSetsDocument.StoredBlock(
                                entry.source().compact(),
                                set.node(),
                                entry.rule(),
                                entry.at(),
                                entry.until(),
                                entry.isOver(now),
                                entry.priorBlocks(),
                                BlocklistDocument.EvidenceSample.of(entry.evidence()))))
                .toList();
    }

    static List<BlocklistSetsDocument.StoredManualBlock> manual(
            List<BlocklistSet> sets, List<IpPrefix> asked, Instant now) {
        return sets.stream()
                .flatMap(set -> set.manual().entries().stream())
                .filter(entry -> isAmong(entry.source(), asked))
                .map(entry -> new BlocklistSetsDocument.StoredManualBlock(
                        entry.source().compact(),
                        entry.at(),
                        entry.until(),
                        !now.isBefore(entry.until()),
                        entry.reason(),
                        entry.by()))
                .toList();
    }

    static List<BlocklistDocument.ExemptAddresses> exempted(List<BlocklistSet> sets, List<IpPrefix> asked) {
        return sets.stream()
                .flatMap(set -> set.manual().exemptions().stream())
                .filter(exemption -> isAmong(exemption.addresses(), asked))
                .map(BlocklistDocument.ExemptAddresses::of)
                .toList();
    }

    static List<BlocklistSetsDocument.Foreign> foreign(List<BlocklistSet> sets, List<IpPrefix> asked) {
        return sets.stream()
                .flatMap(set ->
                        foreign(set, asked).stream().map(net -> new BlocklistSetsDocument.Foreign(set.name(), net)))
                .toList();
    }
}
