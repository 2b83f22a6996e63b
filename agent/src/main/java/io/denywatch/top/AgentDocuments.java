package io.denywatch.top;

import io.denywatch.count.Count;
import io.denywatch.top.AgentPage.Ban;
import io.denywatch.top.AgentPage.Blocklist;
import io.denywatch.top.AgentPage.Effect;
import io.denywatch.top.AgentPage.Finding;
import io.denywatch.top.AgentPage.Lines;
import io.denywatch.top.AgentPage.Listing;
import io.denywatch.top.AgentPage.Nlb;
import io.denywatch.top.AgentPage.Source;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Reads the documents of an agent's API. What an older or newer agent does not say is taken for nothing; a document that is
 * no agent's is an {@link IllegalArgumentException}, whose message quotes nothing of it.
 */
public final class AgentDocuments {
    /** Where all load balancers are. */
    public static final String NLBS = "/api/v1/nlbs";

    /** Where the sources of one are, whose name is to be put behind it. */
    public static final String SOURCES = "/api/v1/sources?nlb=";

    /** Where the blocklist is. */
    public static final String BLOCKLIST = "/api/v1/blocklist";

    /** Where the findings are. */
    public static final String FINDINGS = "/api/v1/findings";

    private static final long BEHIND_BYTES = 1 << 20;

    private static final Map<String, String> GAPS = Map.of(
            "truncated", "the log was emptied before all of it was read",
            "too_many_files", "more rotated files were still written to than are kept open",
            "rotated_unreadable", "a rotated file could not be read to its end",
            "compressed_unreadable", "a rotated file was compressed by something other than gzip",
            "unplaced", "a file was not read, since nothing tells where it belongs",
            "torn_line", "a line never got its end",
            "vanished", "the file in which reading had stopped was gone after a restart",
            "resync", "the log was shorter than what had been counted, after a power loss",
            "reboot", "the last messages before the node went down were not read",
            "source_changed", "another log is read than before the restart");

    private AgentDocuments() {}

    /** The first document, without what the others add. */
    public static AgentPage page(JsonNode nlbs) {
        JsonNode log = nlbs.path("log");
        JsonNode lines = log.path("lines");
        List<Nlb> known = new ArrayList<>();
        for (JsonNode nlb : list(nlbs, "nlbs")) {
            known.add(new Nlb(
                    text(nlb, "nlb"),
                    text(nlb, "namespace"),
                    text(nlb, "service"),
                    count(nlb, "packets"),
                    count(nlb, "bytes"),
                    count(nlb, "latePackets"),
                    count(nlb, "sources")));
        }
        return new AgentPage(
                text(nlbs, "node"),
                text(nlbs, "version"),
                time(nlbs, "takenAt"),
                time(nlbs, "since"),
                known,
                new Lines(
                        lines.valueStream().mapToLong(AgentDocuments::count).reduce(0, Count::sum),
                        count(lines, "packet"),
                        count(lines, "malformed"),
                        count(lines, "unrecognized")),
                count(nlbs.path("trackedSources"), "evictedForCapacity") > 0,
                losses(nlbs, log),
                troubles(log),
                new TreeMap<>(),
                Blocklist.UNKNOWN,
                List.of());
    }

    /** The sources of one load balancer. */
    public static Listing sources(JsonNode document) {
        boolean stores = text(document, "blocklistMode").equals("enforce");
        boolean enforced = isEnforced(document);
        List<Source> sources = new ArrayList<>();
        for (JsonNode source : list(document, "sources")) {
            sources.add(new Source(
                    text(source, "source"),
                    count(source, "packets"),
                    Math.max(count(source, "atMost"), count(source, "packets")),
                    time(source, "firstSeen"),
                    time(source, "lastSeen"),
                    source.path("answered").asBoolean(false),
                    ban(source.path("ban"), stores, enforced)));
        }
        return new Listing(time(document, "takenAt"), sources);
    }

    /** What people decided has no rule, and holds in every mode. */
    private static Optional<Ban> ban(JsonNode ban, boolean stores, boolean enforced) {
        if (!ban.isObject()) {
            return Optional.empty();
        }
        String rule = text(ban, "rule");
        boolean stored = stores || rule.isEmpty();
        return Optional.of(
                new Ban(rule, time(ban, "until"), !stored ? Effect.NONE : enforced ? Effect.ENFORCED : Effect.STORED));
    }

    private static boolean isEnforced(JsonNode document) {
        return text(document, "enforcement").equals("active");
    }

    /** The blocklist. */
    public static Blocklist blocklist(JsonNode document) {
        boolean breakerOpen = document.path("breakerOpen").asBoolean(false);
        return new Blocklist(
                text(document, "mode"),
                names(document, "entries"),
                names(document, "manual"),
                isEnforced(document),
                breakerOpen
                        ? "the breaker is open: sources are possibly forged, and none is newly blocked except on"
                                + " overwhelming evidence"
                        : text(document, "problem"));
    }

    private static Set<String> names(JsonNode document, String property) {
        return document.path(property)
                .valueStream()
                .map(entry -> text(entry, "source"))
                .collect(Collectors.toSet());
    }

    /** What is wrong in the cluster, the worst first; what is well, and mere notes, are left out. */
    public static List<Finding> findings(JsonNode document) {
        return document.path("findings")
                .valueStream()
                .map(found -> new Finding(text(found, "severity"), text(found, "id"), withCaveats(found)))
                .filter(found ->
                        found.severity().equals("error") || found.severity().equals("warning"))
                .toList();
    }

    private static String withCaveats(JsonNode finding) {
        String caveats =
                finding.path("caveats").valueStream().map(JsonNode::asString).collect(Collectors.joining(" "));
        return text(finding, "what") + (caveats.isEmpty() ? "" : " (" + caveats + ")");
    }

    private static List<String> losses(JsonNode nlbs, JsonNode log) {
        List<String> losses = new ArrayList<>();
        log.path("suppressed").forEachEntry((by, count) -> {
            if (count(count) > 0) {
                losses.add(Wording.some(count(count), "line") + " dropped by " + by + " before reaching the log");
            }
        });
        log.path("gaps").forEachEntry((reason, count) -> {
            if (count(count) > 0) {
                losses.add(GAPS.getOrDefault(reason, reason)
                        + (count(count) > 1 ? ", " + Wording.some(count(count), "time") : ""));
            }
        });
        if (count(log, "kmsgLostRecords") > 0) {
            losses.add(Wording.some(count(log, "kmsgLostRecords"), "record")
                    + " of the kernel's log overwritten before being read");
        }
        if (count(log.path("lines"), "malformed") > 0) {
            losses.add(Wording.some(count(log.path("lines"), "malformed"), "line")
                    + " with our prefix could not be parsed, and may have been packets");
        }
        if (count(log.path("lines"), "unrecognized") > 0) {
            losses.add(Wording.some(count(log.path("lines"), "unrecognized"), "line")
                    + " with our prefix could not be understood, and may have been packets");
        }
        if (nlbs.path("checkpoint").path("stateLost").asBoolean(false)) {
            losses.add("the counts of an earlier process could not be read back");
        }
        return losses;
    }

    private static List<String> troubles(JsonNode log) {
        List<String> troubles = new ArrayList<>();
        if (!log.path("readable").asBoolean(true)) {
            troubles.add("the log cannot be read: " + text(log, "problem"));
        }
        if (log.path("catchingUp").asBoolean(false) || count(log, "unreadBytes") > BEHIND_BYTES) {
            troubles.add("counts are behind: " + Wording.bytes(count(log, "unreadBytes")) + " of the log not read yet");
        }
        return troubles;
    }

    private static Iterable<JsonNode> list(JsonNode document, String property) {
        JsonNode list = document.path(property);
        if (!list.isArray()) {
            throw new IllegalArgumentException("no list of " + property);
        }
        return list;
    }

    private static String text(JsonNode object, String property) {
        return object.path(property).asString("");
    }

    private static long count(JsonNode object, String property) {
        return count(object.path(property));
    }

    private static long count(JsonNode number) {
        return Count.nearest(number.asLong(0));
    }

    private static Instant time(JsonNode object, String property) {
        try {
            return Instant.parse(text(object, property));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(property + " is no time", e);
        }
    }
}
