package io.denywatch.exposition;

import io.denywatch.blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.RecentDecision;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.detection.Answers;
import io.denywatch.detection.Offence;
import io.denywatch.doctor.Enforcement;
import io.denywatch.ip.IpPrefix;
import java.io.OutputStream;
import java.time.Instant;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;

/**
 * What this agent knows of one source, for those who explain it: the parts of {@link BlocklistDocument} that touch it, with
 * the lines of the log that reached a threshold, and beside these the decisions of late and what was counted of it in the
 * window, where it is among the noisiest. What was decided is known since the process began, of a bounded number of
 * sources.
 */
final class SourceStoryDocument {
    private SourceStoryDocument() {}

    /**
     * Writes the document.
     *
     * @param asked an address, or a block of them
     * @param denials none where they may be less than what was shown before
     */
    static void write(
            String node,
            IpPrefix asked,
            BlocklistStatus status,
            Enforcement enforcement,
            Answers answers,
            Stream<NlbDenials> denials,
            Instant now,
            OutputStream out) {
        try (JsonGenerator json = JsonDocuments.start(out)) {
            json.writeStringProperty("node", node);
            json.writeStringProperty("mode", status.mode().label());
            json.writeStringProperty("enforcement", enforcement.label());
            json.writeBooleanProperty("breakerOpen", status.breakerOpen());
            json.writeStringProperty("problem", status.problem());
            json.writeArrayPropertyStart("rules");
            status.rules().forEach(rule -> BlocklistDocument.writeRule(json, rule));
            json.writeEndArray();
            json.writeArrayPropertyStart("entries");
            status.wanted().entries().values().stream()
                    .filter(entry -> asked.overlaps(entry.source()))
                    .forEach(entry -> writeEntry(json, entry));
            json.writeEndArray();
            json.writeArrayPropertyStart("repeats");
            status.wanted().repeats().values().stream()
                    .filter(repeat -> asked.overlaps(repeat.source()))
                    .forEach(repeat -> BlocklistDocument.writeRepeat(json, repeat));
            json.writeEndArray();
            json.writeArrayPropertyStart("answered");
            answers.validAt(now).stream()
                    .filter(answer -> asked.overlaps(answer.source()))
                    .limit(BlocklistDocument.ANSWERED_MAX)
                    .forEach(answer -> BlocklistDocument.writeAnswer(json, answer));
            json.writeEndArray();
            json.writeArrayPropertyStart("decisions");
            status.decisions().stream()
                    .filter(recent -> asked.overlaps(source(recent.decision())))
                    .forEach(recent -> writeDecision(json, recent));
            json.writeEndArray();
            json.writeArrayPropertyStart("traffic");
            denials.forEach(nlb -> nlb.topSources().stream()
                    .filter(source -> asked.overlaps(source.block()))
                    .forEach(source -> writeTraffic(json, nlb.nlb(), source)));
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    /** All load balancers of a snapshot, and the rest. */
    static Stream<NlbDenials> all(DenialSnapshot denials) {
        return Stream.concat(denials.loadBalancers().stream(), Stream.of(denials.other()));
    }

    private static IpPrefix source(Decision decision) {
        return switch (decision) {
            case Decision.Blocked(BlockEntry entry, Offence _) -> entry.source();
            case Decision.Refused refused -> refused.offence().source();
            case Decision.Expired(BlockEntry entry) -> entry.source();
            case Decision.TakenBack(BlockEntry entry, var _) -> entry.source();
            case Decision.Displaced(BlockEntry entry, Offence _) -> entry.source();
        };
    }

    private static void writeEntry(JsonGenerator json, BlockEntry entry) {
        json.writeStartObject();
        BlocklistDocument.writeBan(json, entry);
        BlocklistDocument.writeEvidence(json, entry.evidence(), true);
        json.writeEndObject();
    }

    private static void writeDecision(JsonGenerator json, RecentDecision recent) {
        json.writeStartObject();
        json.writeStringProperty("decidedAt", recent.at().toString());
        switch (recent.decision()) {
            case Decision.Blocked(BlockEntry entry, Offence _) -> {
                json.writeStringProperty("decision", "blocked");
                BlocklistDocument.writeBan(json, entry);
            }
            case Decision.Refused refused -> {
                json.writeStringProperty("decision", "refused");
                json.writeStringProperty("source", refused.offence().source().compact());
                json.writeStringProperty("rule", refused.offence().rule().name());
                json.writeStringProperty("because", refused.outcome().label());
                if (refused.by() != null) {
                    json.writeStringProperty(
                            "neverBlock", refused.by().addresses().toString());
                    json.writeStringProperty("reason", refused.by().reason());
                }
                BlocklistDocument.writeEvidence(json, refused.offence().evidence(), true);
            }
            case Decision.Expired(BlockEntry entry) -> {
                json.writeStringProperty("decision", "unblocked");
                BlocklistDocument.writeBan(json, entry);
                json.writeStringProperty("because", "expired");
                BlocklistDocument.writeEvidence(json, entry.evidence(), true);
            }
            case Decision.Displaced(BlockEntry entry, Offence _) -> {
                json.writeStringProperty("decision", "unblocked");
                BlocklistDocument.writeBan(json, entry);
                json.writeStringProperty("because", "displaced");
                BlocklistDocument.writeEvidence(json, entry.evidence(), true);
            }
            case Decision.TakenBack taken -> {
                json.writeStringProperty("decision", "unblocked");
                BlocklistDocument.writeBan(json, taken.entry());
                json.writeStringProperty("because", "never_block");
                json.writeStringProperty("neverBlock", taken.by().addresses().toString());
                json.writeStringProperty("reason", taken.by().reason());
                BlocklistDocument.writeEvidence(json, taken.entry().evidence(), true);
            }
        }
        json.writeEndObject();
    }

    private static void writeTraffic(JsonGenerator json, String nlb, SourceCount source) {
        json.writeStartObject();
        json.writeStringProperty("nlb", nlb);
        json.writeStringProperty("source", source.block().compact());
        json.writeNumberProperty("packets", source.packets());
        json.writeNumberProperty("atMost", source.atMost());
        json.writeStringProperty("firstSeen", JsonDocuments.time(source.firstSeenSeconds() * 1000));
        json.writeStringProperty("lastSeen", JsonDocuments.time(source.lastSeenSeconds() * 1000));
        json.writeEndObject();
    }
}
