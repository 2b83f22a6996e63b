package io.denywatch.explain;

import io.denywatch.api.BlocklistSetsDocument;
import io.denywatch.api.Enforcement;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.config.Setting;
import io.denywatch.count.Count;
import io.denywatch.process.PrintableText;
import io.denywatch.top.AgentReport;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Why an address is blocked, or why not, on one screen: a pure function of an {@link Explanation}. Lines of the log are
 * not wrapped, so that they can be searched for; all other lines have at most {@link #COLUMNS} characters.
 */
final class ExplanationText {
    /** The assumed width of a terminal. */
    static final int COLUMNS = 80;

    /** The assumed height of a terminal, which wraps lines of the log. */
    static final int ROWS_MAX = 40;

    private static final int SOURCES_MAX = 2; // events of more sources would be hard to follow
    private static final int MOMENTS_MAX = 14;
    private static final String LEFT_OUT = "lines of the log left out; --output json has them\n";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
    private static final String INDENT = " ".repeat("yyyy-MM-dd HH:mm:ss  ".length());

    private ExplanationText() {}

    /** The text that fills the screen. */
    static String of(Explanation known) {
        int sources = BlocklistText.sources(known.sets(), List.of(known.asked()), known.now());
        StringBuilder head = new StringBuilder(known.asked().compact())
                .append(
                        sources == 0
                                ? " is not blocked\n"
                                : known.enforcement() == Enforcement.MISSING
                                        ? " is in the blocklist, which is not enforced\n"
                                        : " is blocked\n");
        if (sources > SOURCES_MAX) {
            head.append(BlocklistText.table(known.sets(), List.of(known.asked()), known.now()));
        }
        reasons(known).forEach(reason -> head.append(wrapped("", reason, "  ")));
        List<TimelineEvent> moments = sources > SOURCES_MAX ? List.of() : Timeline.of(known);
        if (moments.isEmpty()) {
            return PrintableText.of(head.toString());
        }
        head.append('\n');
        return PrintableText.of(head + fitted(newest(moments), known.now(), ROWS_MAX - rows(head.toString())));
    }

    /** The same for programs. */
    static BlocklistSetsDocument document(Explanation known) {
        boolean stored = BlocklistText.sources(known.sets(), List.of(known.asked()), known.now()) > 0;
        return new BlocklistSetsDocument(
                known.asked().compact(),
                stored && known.enforcement() != Enforcement.MISSING,
                stored,
                known.enforcement().label(),
                known.never()
                        .map(range -> new BlocklistSetsDocument.ExemptRange(
                                range.addresses().toString(), range.reason()))
                        .orElse(null),
                known.established().orElse(null),
                BlocklistText.entries(known.sets(), List.of(known.asked()), known.now()),
                BlocklistText.manual(known.sets(), List.of(known.asked()), known.now()),
                BlocklistText.exempted(known.sets(), List.of(known.asked())),
                BlocklistText.foreign(known.sets(), List.of(known.asked())),
                null,
                reasons(known),
                Timeline.of(known).stream()
                        .map(moment -> new BlocklistSetsDocument.Moment(
                                moment.at(), moment.text(), moment.line().isEmpty() ? null : moment.line()))
                        .toList());
    }

    /** What holds now, one sentence each. */
    private static List<String> reasons(Explanation known) {
        List<String> reasons = new ArrayList<>();
        known.never()
                .ifPresent(range ->
                        reasons.add("no agent may block it: " + range.addresses() + " (" + range.reason() + ")"));
        known.established().ifPresent(at -> reasons.add("established, so not denied: last at " + at));
        reasons.addAll(BlocklistText.exemptions(known.sets(), List.of(known.asked()), known.now()));
        for (BlocklistSet set : known.sets()) {
            BlocklistText.foreign(set, List.of(known.asked()))
                    .forEach(net -> reasons.add(net + " is in " + set.name()
                            + ", but denywatch did not write it: the reason is not known, and it never ends"));
        }
        stopped(known).ifPresent(reasons::add);
        for (AgentReport agent : known.agents()) {
            agent(reasons, agent);
        }
        known.logs().forEach(log -> log(reasons, log));
        known.silent().forEach(url -> reasons.add("no answer from " + url + ": what its node saw is not known"));
        if (known.agents().isEmpty() && known.logs().isEmpty()) {
            reasons.add("to see what it sent: --agent URL asks the agent of a node, --log FILE reads a node's log");
        }
        return reasons;
    }

    /** What the blocklist stopped, on the nodes of all agents that responded. */
    private static Optional<String> stopped(Explanation known) {
        List<AgentReport.StoppedTraffic> all = known.agents().stream()
                .flatMap(agent -> agent.stopped().stream())
                .toList();
        long packets =
                all.stream().mapToLong(AgentReport.StoppedTraffic::packets).reduce(0, Count::sum);
        long nodes = known.agents().stream()
                .filter(agent -> !agent.stopped().isEmpty())
                .count();
        return all.stream()
                .map(AgentReport.StoppedTraffic::since)
                .min(Instant::compareTo)
                .map(since -> "the blocklist stopped " + String.format(Locale.ROOT, "%,d", packets)
                        + " packets of it since " + TIME.format(since) + (nodes > 1 ? ", on " + nodes + " nodes" : ""));
    }

    private static void agent(List<String> reasons, AgentReport agent) {
        if (!agent.problem().isEmpty()) {
            reasons.add(agent.node() + ": " + agent.problem());
        }
        if (agent.breakerOpen()) {
            reasons.add(agent.node() + " blocks new sources only on overwhelming evidence now, because many sources"
                    + " may be forged (the breaker is open)");
        }
        if (agent.mode().equals("off") || agent.mode().equals("dry-run")) {
            reasons.add(agent.node() + " blocks no source: " + Setting.BLOCKLIST_MODE.key() + " is " + agent.mode());
        }
        if (agent.enforcement().equals(Enforcement.MISSING.label())) {
            reasons.add("no active policy denies the blocklist at " + agent.node()
                    + ": sources in it are not blocked there; \"denywatch doctor\" says more");
        }
        if (!agent.entries().isEmpty() || agent.mode().isEmpty()) {
            return;
        }
        String seen = agent.traffic().stream()
                .map(traffic -> traffic.packets() + " to " + traffic.nlb())
                .collect(Collectors.joining(", "));
        String rules = agent.rules().stream()
                .map(rule -> rule.name() + " " + RuleText.threshold(rule))
                .collect(Collectors.joining(", "));
        reasons.add(
                seen.isEmpty()
                        ? agent.node() + " does not list it among its noisiest sources of the last ten minutes"
                        : agent.node() + " counted these packets of it in the last ten minutes: " + seen
                                + (rules.isEmpty() ? "" : "; thresholds: " + rules));
    }

    private static void log(List<String> reasons, SourceLog.Findings log) {
        if (log.packets() == 0) {
            reasons.add("no packet of it is in " + log.path()
                    + log.from()
                            .map(from -> ", which begins " + TIME.format(from))
                            .orElse(""));
            return;
        }
        reasons.add(log.path() + " has " + log.packets() + " packets of it, to " + first(log.nlbs(), 3) + "; ports "
                + first(log.ports(), 5));
        if (!log.peaks().isEmpty()) {
            reasons.add(
                    log.peaks().stream().map(ExplanationText::near).collect(Collectors.joining(", ", "at most: ", "")));
        }
    }

    private static String first(List<String> items, int max) {
        return String.join(", ", items.subList(0, Math.min(max, items.size())))
                + (items.size() > max ? " and " + (items.size() - max) + " more" : "");
    }

    private static String near(WindowMaxima.Peak peak) {
        return peak.amount() + " of " + RuleText.threshold(peak.rule()) + " ("
                + peak.rule().name() + (peak.isReached() ? ", reached)" : ")");
    }

    /** The first moment and the newest ones. */
    private static List<TimelineEvent> newest(List<TimelineEvent> moments) {
        List<TimelineEvent> newest = new ArrayList<>(moments);
        if (newest.size() > MOMENTS_MAX) {
            newest.subList(1, newest.size() - MOMENTS_MAX + 1).clear();
        }
        return newest;
    }

    /** The story with as many lines of the log as fit, beginning with the first. */
    private static String fitted(List<TimelineEvent> moments, Instant now, int rowsMax) {
        int lines = (int)
                moments.stream().filter(moment -> !moment.line().isEmpty()).count();
        String text = story(moments, now, lines);
        for (int kept = lines - 1; kept >= 0 && rows(text) > rowsMax; kept--) {
            text = story(moments, now, kept) + (lines - kept) + " " + LEFT_OUT;
        }
        return text;
    }

    private static String story(List<TimelineEvent> moments, Instant now, int linesMax) {
        StringBuilder text = new StringBuilder();
        int lines = 0;
        boolean past = true;
        for (TimelineEvent moment : moments) {
            if (past && moment.at().isAfter(now)) {
                text.append(TIME.format(now)).append("  now (all times are UTC)\n");
                past = false;
            }
            if (!moment.text().isEmpty()) {
                text.append(wrapped(TIME.format(moment.at()) + "  ", moment.text(), INDENT));
            }
            if (!moment.line().isEmpty() && lines++ < linesMax) {
                text.append(moment.line()).append('\n');
            }
        }
        return past
                ? text.append(TIME.format(now))
                        .append("  now (all times are UTC)\n")
                        .toString()
                : text.toString();
    }

    /** Text in lines of limited length, which are broken at blanks if possible. */
    private static String wrapped(String head, String words, String indent) {
        StringBuilder text = new StringBuilder();
        StringBuilder line = new StringBuilder(head);
        boolean begun = false;
        for (String word : words.split(" ", -1)) {
            if (begun && line.length() + 1 + word.length() > COLUMNS) {
                text.append(line).append('\n');
                line = new StringBuilder(indent).append(word);
            } else {
                line.append(begun ? " " : "").append(word);
            }
            begun = true;
        }
        return text.append(line).append('\n').toString();
    }

    /** The rows that a terminal needs for these lines. */
    static int rows(String text) {
        return text.lines()
                .mapToInt(line -> Math.max(1, Math.ceilDiv(line.length(), COLUMNS)))
                .sum();
    }
}
