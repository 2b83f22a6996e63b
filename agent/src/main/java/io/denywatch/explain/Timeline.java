package io.denywatch.explain;

import io.denywatch.api.DecisionDocument;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.config.Setting;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.Spans;
import io.denywatch.top.AgentReport;
import io.denywatch.top.AgentReport.AgentDecision;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What happened to a source, in chronological order: a pure function of an {@link Explanation}. */
final class Timeline {
    private static final int DOUBLINGS_SHOWN_MAX = 20;
    private static final String REACHED = "a threshold is reached, in the log";

    private final Explanation known;
    private final Set<IpPrefix> sources = new HashSet<>();
    private final List<TimelineEvent> moments = new ArrayList<>();

    private Timeline(Explanation known) {
        this.known = known;
    }

    /** The events, the earliest first; at the same time, causes come before effects. */
    static List<TimelineEvent> of(Explanation known) {
        Timeline story = new Timeline(known);
        known.logs().forEach(story::beginning);
        for (BlocklistSet set : known.sets()) {
            set.entries().stream()
                    .filter(entry -> known.asked().overlaps(entry.source()))
                    .forEach(entry -> story.block(set, entry));
            set.priorBlocks().stream()
                    .filter(prior -> known.asked().overlaps(prior.source()))
                    .forEach(prior -> story.repeat(set.node(), prior));
            set.manual().entries().stream()
                    .filter(entry -> known.asked().overlaps(entry.source()))
                    .forEach(entry -> story.byHand(set, entry));
        }
        known.agents().forEach(story::agent);
        known.logs().forEach(story::proof);
        story.moments.sort(Comparator.comparing(TimelineEvent::at));
        return withoutTwins(story.moments);
    }

    /** Shows each line of the log only at its first event. */
    private static List<TimelineEvent> withoutTwins(List<TimelineEvent> moments) {
        Set<String> shown = new HashSet<>();
        return moments.stream()
                .map(moment -> shown.add(moment.line()) ? moment : new TimelineEvent(moment.at(), moment.text()))
                .filter(moment -> !moment.line().isEmpty()
                        || !(moment.text().isEmpty() || moment.text().equals(REACHED)))
                .toList();
    }

    private void add(IpPrefix source, Instant at, String text, String line) {
        sources.add(source);
        moments.add(new TimelineEvent(at, (source.equals(known.asked()) ? "" : source.compact() + ": ") + text, line));
    }

    private void add(IpPrefix source, Instant at, String text) {
        add(source, at, text, "");
    }

    private void block(BlocklistSet set, BlockEntry entry) {
        Optional<AgentReport> agent = known.agent(set.node());
        Optional<DetectionRule> rule = RuleText.named(agent, entry.rule());
        evidence(
                set.node(),
                entry,
                rule,
                agent.flatMap(report -> same(report.entries(), entry))
                        .map(BlockEntry::evidence)
                        .filter(evidence -> evidence.count() > 0)
                        .orElse(entry.evidence()));
        String stored = agent.stream()
                .flatMap(report -> report.decisions().stream())
                .filter(decision -> decision.decision().equals(DecisionDocument.BLOCKED)
                        && decision.source().equals(entry.source())
                        && decision.blockedAt().equals(entry.at()))
                .map(decision -> ", stored " + delay(decision.evidence(), entry, decision.at()) + " after that packet")
                .findFirst()
                .orElse("");
        add(
                entry.source(),
                begun(entry.at(), entry.evidence()),
                "blocked for " + Spans.rounded(Duration.between(entry.at(), entry.until())) + ", for all nodes, by "
                        + set.node() + " in " + set.name() + stored + length(entry, rule));
        ending(entry, rule);
    }

    private static Optional<BlockEntry> same(List<BlockEntry> entries, BlockEntry entry) {
        return entries.stream()
                .filter(other ->
                        other.source().equals(entry.source()) && other.until().equals(entry.until()))
                .findFirst();
    }

    /** The start of a block: stored in whole seconds, and never before its reason. */
    private static Instant begun(Instant at, Evidence evidence) {
        boolean known = evidence.count() > 0 && evidence.lastSeen().isAfter(at);
        return known && Duration.between(at, evidence.lastSeen()).toSeconds() == 0 ? evidence.lastSeen() : at;
    }

    private static String delay(Evidence evidence, BlockEntry entry, Instant at) {
        Instant reached =
                evidence.count() > 0 ? evidence.lastSeen() : entry.evidence().lastSeen();
        return Math.max(0, Duration.between(reached, at).toMillis()) + " ms";
    }

    private void evidence(String node, BlockEntry entry, Optional<DetectionRule> rule, Evidence evidence) {
        if (evidence.count() == 0) {
            add(
                    entry.source(),
                    entry.at(),
                    "rule " + entry.rule() + " reached; there was no room for the evidence in the object");
            return;
        }
        add(entry.source(), evidence.firstSeen(), "first packet that counted, at " + node);
        add(entry.source(), evidence.lastSeen(), RuleText.reached(entry.rule(), rule, evidence), evidence.line());
    }

    /** Explains the duration of a block. */
    private static String length(BlockEntry entry, Optional<DetectionRule> rule) {
        if (entry.priorBlocks() == 0) {
            return "";
        }
        return "; repeat " + entry.priorBlocks() + ": " + times(entry.priorBlocks()) + " as long as the first block"
                + rule.map(known -> " of " + Spans.text(known.blockFor()) + ", at most " + Spans.text(known.maxBlock()))
                        .orElse(", within the rule's maxBan");
    }

    private static String times(int priorBlocks) {
        return priorBlocks == 1 ? "twice" : (1L << Math.min(priorBlocks, DOUBLINGS_SHOWN_MAX)) + " times";
    }

    private void ending(BlockEntry entry, Optional<DetectionRule> rule) {
        if (entry.isOver(known.now())) {
            add(entry.source(), entry.until(), "the block was to end, and the entry is still there: overdue");
            return;
        }
        add(
                entry.source(),
                entry.until(),
                "the block ends, in " + Spans.rounded(Duration.between(known.now(), entry.until()))
                        + ": then its packets are logged and counted again, and a block within "
                        + Setting.BLOCKLIST_REMEMBER_FOR.key() + " is "
                        + times(entry.priorBlocks() + 1) + " as long as the first"
                        + rule.map(known -> " (maxBan " + Spans.text(known.maxBlock()) + ")")
                                .orElse(""));
    }

    private void repeat(String node, PriorBlock prior) {
        add(
                prior.source(),
                prior.forgetAt(),
                node + " forgets that it blocked it " + (prior.times() == 1 ? "once" : prior.times() + " times")
                        + "; until then its next block is " + times(prior.times()) + " as long as the first");
    }

    private void byHand(BlocklistSet set, ManualEntry entry) {
        add(
                entry.source(),
                entry.at(),
                "blocked by hand by " + (entry.by().isEmpty() ? "somebody" : entry.by()) + " for "
                        + Spans.rounded(Duration.between(entry.at(), entry.until())) + ", in " + set.name() + ": "
                        + entry.reason());
        boolean over = !known.now().isBefore(entry.until());
        add(
                entry.source(),
                entry.until(),
                over
                        ? "the block was to end, and the entry is still there: overdue"
                        : "the block ends, in " + Spans.rounded(Duration.between(known.now(), entry.until())));
    }

    private void agent(AgentReport agent) {
        for (BlockEntry entry : agent.entries()) {
            boolean stored = known.sets().stream()
                    .anyMatch(set -> set.node().equals(agent.node())
                            && same(set.entries(), entry).isPresent());
            if (!stored) {
                Optional<DetectionRule> rule = RuleText.named(Optional.of(agent), entry.rule());
                evidence(agent.node(), entry, rule, entry.evidence());
                String would = agent.mode().equals("dry-run")
                        ? "would be blocked by " + agent.node() + ", which is in dry-run and writes nothing"
                        : "is to be blocked by " + agent.node() + ", and is not in the cluster's blocklist yet";
                add(entry.source(), begun(entry.at(), entry.evidence()), would + length(entry, rule));
                add(entry.source(), entry.until(), "that block would end");
            }
        }
        for (AgentDecision decision : agent.decisions()) {
            switch (decision.decision()) {
                case DecisionDocument.REFUSED -> refused(agent, decision);
                case DecisionDocument.UNBLOCKED -> unblocked(agent, decision);
                default -> {} // what was blocked is in the entries, or was unblocked since
            }
        }
    }

    private void refused(AgentReport agent, AgentDecision decision) {
        Optional<DetectionRule> rule = RuleText.named(Optional.of(agent), decision.rule());
        add(decision.source(), decision.evidence().firstSeen(), "first packet that counted, at " + agent.node());
        add(
                decision.source(),
                decision.evidence().lastSeen(),
                RuleText.reached(decision.rule(), rule, decision.evidence()),
                decision.evidence().line());
        add(decision.source(), decision.at(), "not blocked by " + agent.node() + ": " + refusal(decision));
    }

    private static String refusal(AgentDecision decision) {
        return switch (decision.because()) {
            case "never_block" -> "never to be blocked: " + decision.range();
            case "limit" -> "its blocklist is full (" + Setting.BLOCKLIST_ENTRIES_MAX.key() + ")";
            case "rate" ->
                "too many were blocked within a minute (" + Setting.BLOCKLIST_NEW_ENTRIES_PER_MINUTE.key() + ")";
            case "breaker" ->
                "so many sources may be forged that only overwhelming evidence blocks (the breaker is open)";
            case "untrusted_log" ->
                "any local user can write to its log (" + Setting.BLOCKLIST_REQUIRE_TRUSTED_LOG.key() + ")";
            default -> decision.because();
        };
    }

    private void unblocked(AgentReport agent, AgentDecision decision) {
        Optional<DetectionRule> rule = RuleText.named(Optional.of(agent), decision.rule());
        if (decision.evidence().count() > 0) {
            add(decision.source(), decision.evidence().firstSeen(), "first packet that counted, at " + agent.node());
            add(
                    decision.source(),
                    decision.evidence().lastSeen(),
                    RuleText.reached(decision.rule(), rule, decision.evidence()),
                    decision.evidence().line());
        }
        boolean dryRun = agent.mode().equals("dry-run");
        add(
                decision.source(),
                begun(decision.blockedAt(), decision.evidence()),
                (dryRun ? "would have been" : "was") + " blocked by " + agent.node());
        add(
                decision.source(),
                decision.at(),
                switch (decision.because()) {
                    case "expired" -> "that block ended by its deadline: it is no longer blocked by " + agent.node();
                    case "displaced" ->
                        "that block ended before its time: the blocklist was full ("
                                + Setting.BLOCKLIST_ENTRIES_MAX.key()
                                + "), and there was more evidence against another source";
                    default -> "that block ended before its time: never to be blocked: " + decision.range();
                });
    }

    private void beginning(SourceLog.Findings log) {
        log.first()
                .ifPresent(sample ->
                        moments.add(new TimelineEvent(sample.at(), "first packet in " + log.path(), sample.text())));
    }

    /** Placed after the event it proves. */
    private void proof(SourceLog.Findings log) {
        log.cited().forEach(sample -> moments.add(new TimelineEvent(sample.at(), "", sample.text())));
        log.reached().ifPresent(sample -> moments.add(new TimelineEvent(sample.at(), REACHED, sample.text())));
        log.latest()
                .ifPresent(sample -> moments.add(new TimelineEvent(
                        sample.at(), "the latest of " + log.packets() + " packets in the log", sample.text())));
    }
}
