package io.denywatch.top;

import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.Enforcement;
import io.denywatch.api.FindingsDocument;
import io.denywatch.api.NlbsDocument;
import io.denywatch.api.SourcesDocument;
import io.denywatch.count.Count;
import io.denywatch.process.Quantities;
import io.denywatch.top.AgentPage.AgentBlock;
import io.denywatch.top.AgentPage.AgentBlocklist;
import io.denywatch.top.AgentPage.AgentFinding;
import io.denywatch.top.AgentPage.AgentLines;
import io.denywatch.top.AgentPage.AgentLoadBalancer;
import io.denywatch.top.AgentPage.AgentSource;
import io.denywatch.top.AgentPage.BlockEffect;
import io.denywatch.top.AgentPage.Listing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Converts the documents of an agent's API into an {@link AgentPage}. Stateless. */
public final class AgentDocuments {
    private static final long BEHIND_BYTES = 1 << 20;

    private static final Map<String, String> GAPS = Map.of(
            "truncated", "the log was emptied before all of it was read",
            "too_many_files", "more rotated files were still being written than the agent keeps open",
            "rotated_unreadable", "a rotated file could not be read to its end",
            "compressed_unreadable", "a rotated file was compressed by something other than gzip",
            "unplaced", "a file was not read, because nothing shows whether it was once the log",
            "torn_line", "the end of a line was never written",
            "vanished", "the file in which reading had stopped was gone after a restart",
            "resync", "the log was shorter than what had been counted, as after a power loss",
            "reboot", "the last messages before the node went down were not read",
            "source_changed", "after a restart, a different log was read than before");

    private AgentDocuments() {}

    /** The part of the page that the first document contains; the other documents add to it. */
    public static AgentPage page(NlbsDocument document) {
        Map<String, Long> lines = document.log().lines();
        return new AgentPage(
                document.node(),
                document.version(),
                document.takenAt(),
                document.since(),
                document.nlbs().stream()
                        .map(nlb -> new AgentLoadBalancer(
                                nlb.nlb(),
                                nlb.namespace(),
                                nlb.service(),
                                Count.nearest(nlb.packets()),
                                Count.nearest(nlb.bytes()),
                                Count.nearest(nlb.latePackets()),
                                Count.nearest(nlb.sources())))
                        .toList(),
                new AgentLines(
                        lines.values().stream().mapToLong(Count::nearest).reduce(0, Count::sum),
                        lines(lines, "packet"),
                        lines(lines, "malformed"),
                        lines(lines, "unrecognized")),
                Count.nearest(document.trackedSources().evictedForCapacity()) > 0,
                losses(document),
                troubles(document.log()),
                new TreeMap<>(),
                AgentBlocklist.UNKNOWN,
                List.of());
    }

    private static long lines(Map<String, Long> lines, String kind) {
        return Count.nearest(lines.getOrDefault(kind, 0L));
    }

    /** The sources of one load balancer. */
    public static Listing sources(SourcesDocument document) {
        boolean stores = document.blocklistMode().equals("enforce");
        boolean enforced = document.enforcement().equals(Enforcement.ACTIVE.label());
        return new Listing(
                document.takenAt(),
                document.sources().stream()
                        .map(source -> new AgentSource(
                                source.source(),
                                Count.nearest(source.packets()),
                                Math.max(Count.nearest(source.atMost()), Count.nearest(source.packets())),
                                source.firstSeen(),
                                source.lastSeen(),
                                source.answered(),
                                Optional.ofNullable(source.ban()).map(block -> block(block, stores, enforced))))
                        .toList());
    }

    /** Manual blocks have no rule and apply in every mode. */
    private static AgentBlock block(SourcesDocument.ActiveBlock block, boolean stores, boolean enforced) {
        String rule = block.rule() == null ? "" : block.rule();
        boolean stored = stores || rule.isEmpty();
        return new AgentBlock(
                rule, block.until(), !stored ? BlockEffect.NONE : enforced ? BlockEffect.ENFORCED : BlockEffect.STORED);
    }

    /** The blocklist. */
    public static AgentBlocklist blocklist(BlocklistDocument document) {
        return new AgentBlocklist(
                document.mode(),
                document.entries().stream()
                        .map(BlocklistDocument.BlockedSource::source)
                        .collect(Collectors.toSet()),
                document.manual().stream()
                        .map(BlocklistDocument.ManualBlock::source)
                        .collect(Collectors.toSet()),
                document.enforcement().equals(Enforcement.ACTIVE.label()),
                document.breakerOpen()
                        ? "the breaker is open: sources may be forged, and a new one is blocked only on"
                                + " overwhelming evidence"
                        : document.problem());
    }

    /** Errors and warnings about the cluster, the worst first. */
    public static List<AgentFinding> findings(FindingsDocument document) {
        return document.findings().stream()
                .filter(found ->
                        found.severity().equals("error") || found.severity().equals("warning"))
                .map(found -> new AgentFinding(found.severity(), found.id(), found.whole()))
                .toList();
    }

    private static List<String> losses(NlbsDocument document) {
        NlbsDocument.Log log = document.log();
        List<String> losses = new ArrayList<>();
        log.suppressed().forEach((by, count) -> {
            if (count > 0) {
                losses.add(Quantities.count(Count.nearest(count), "line") + " dropped by " + by
                        + " before reaching the log");
            }
        });
        log.gaps().forEach((reason, count) -> {
            if (count > 0) {
                losses.add(GAPS.getOrDefault(reason, reason)
                        + (count > 1 ? ", " + Quantities.count(Count.nearest(count), "time") : ""));
            }
        });
        if (log.kmsgLostRecords() > 0) {
            losses.add(Quantities.count(Count.nearest(log.kmsgLostRecords()), "record")
                    + " of the kernel's log overwritten before they were read");
        }
        long malformed = lines(log.lines(), "malformed");
        if (malformed > 0) {
            losses.add(Quantities.count(malformed, "line")
                    + " with the log prefix could not be parsed; they may have been packets");
        }
        long unrecognized = lines(log.lines(), "unrecognized");
        if (unrecognized > 0) {
            losses.add(Quantities.count(unrecognized, "unrecognized line")
                    + " with the log prefix; they may have been packets");
        }
        if (document.checkpoint().stateLost()) {
            losses.add("the counts of an earlier process could not be restored");
        }
        return losses;
    }

    private static List<String> troubles(NlbsDocument.Log log) {
        List<String> troubles = new ArrayList<>();
        if (!log.readable()) {
            troubles.add("the log cannot be read: " + log.problem());
        }
        if (log.catchingUp() || log.unreadBytes() > BEHIND_BYTES) {
            troubles.add("counts are behind: " + Quantities.bytes(Count.nearest(log.unreadBytes()))
                    + " of the log not read yet");
        }
        return troubles;
    }
}
