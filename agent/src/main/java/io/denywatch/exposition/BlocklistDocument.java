package io.denywatch.exposition;

import io.denywatch.blocklist.Allowance;
import io.denywatch.blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.BlocklistStatus.RuleOutcome;
import io.denywatch.blocklist.ManualEntry;
import io.denywatch.blocklist.Repeat;
import io.denywatch.denial.Transport;
import io.denywatch.detection.AnsweredSource;
import io.denywatch.detection.Answers;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Rule;
import io.denywatch.doctor.Enforcement;
import io.denywatch.ip.Ip;
import java.io.OutputStream;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/**
 * The document about the blocklist: what this agent wants blocked and why, what it remembers, what people decided for
 * all nodes, and who was answered. Lists keep the order of what they show; a source is an address, or a block in CIDR notation.
 *
 * <p>It is as large as the blocklist: at most {@link io.denywatch.blocklist.Rails#ENTRIES_MAX} entries of less than 600
 * bytes each, and what is remembered and decided by hand.
 */
final class BlocklistDocument {
    /** Answered sources shown, at most: the latest. */
    static final int ANSWERED_MAX = 256;

    private BlocklistDocument() {}

    static void write(BlocklistStatus status, Enforcement enforcement, Answers answers, Instant now, OutputStream out) {
        try (JsonGenerator json = JsonDocuments.start(out)) {
            json.writeStringProperty("mode", status.mode().label());
            json.writeStringProperty("enforcement", enforcement.label());
            json.writeBooleanProperty("breakerOpen", status.breakerOpen());
            json.writeStringProperty("problem", status.problem());
            JsonDocuments.writeTime(json, "lastSync", status.lastSyncMillis());
            writeCounts(json, status, enforcement, answers);
            writePromotions(json, status.promotions());
            json.writeArrayPropertyStart("rules");
            status.rules().forEach(rule -> writeRule(json, rule));
            json.writeEndArray();
            json.writeArrayPropertyStart("entries");
            status.wanted().entries().values().forEach(entry -> writeEntry(json, entry));
            json.writeEndArray();
            json.writeArrayPropertyStart("repeats");
            status.wanted().repeats().values().forEach(repeat -> writeRepeat(json, repeat));
            json.writeEndArray();
            json.writeArrayPropertyStart("manual");
            status.manual().entries().forEach(entry -> writeManual(json, entry));
            json.writeEndArray();
            json.writeArrayPropertyStart("allowances");
            status.manual().allowances().forEach(allowance -> writeAllowance(json, allowance));
            json.writeEndArray();
            json.writeArrayPropertyStart("answered");
            answers.validAt(now).stream().limit(ANSWERED_MAX).forEach(answer -> writeAnswer(json, answer));
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void writeCounts(
            JsonGenerator json, BlocklistStatus status, Enforcement enforcement, Answers answers) {
        json.writeObjectPropertyStart("limits");
        json.writeNumberProperty("entries", status.entriesLimit());
        json.writeEndObject();
        json.writeObjectPropertyStart("counts");
        json.writeNumberProperty("entries", status.wanted().entries().size());
        json.writeNumberProperty("storedEntries", status.storedEntries());
        json.writeNumberProperty("enforcedEntries", enforcement == Enforcement.ACTIVE ? status.storedEntries() : 0);
        json.writeNumberProperty("overdueEntries", status.overdueEntries());
        json.writeNumberProperty("expirations", status.expirations());
        json.writeNumberProperty("displacements", status.displacements());
        json.writeNumberProperty("repairs", status.repairs());
        json.writeNumberProperty("missedOffences", status.missedOffences());
        json.writeNumberProperty(
                "evictedWindows", status.evicted().sources() + status.evicted().windows());
        json.writeNumberProperty("forgottenAnswers", answers.forgotten());
        json.writeEndObject();
    }

    /** Counts by outcome, by rule. */
    private static void writePromotions(JsonGenerator json, Map<RuleOutcome, Long> promotions) {
        Map<String, Map<String, Long>> byRule = new TreeMap<>();
        promotions.forEach((of, count) -> byRule.computeIfAbsent(of.rule(), _ -> new TreeMap<>())
                .put(of.outcome().label(), count));
        json.writeObjectPropertyStart("promotions");
        byRule.forEach((rule, counts) -> JsonDocuments.writeCounts(json, rule, counts));
        json.writeEndObject();
    }

    static void writeRule(JsonGenerator json, Rule rule) {
        json.writeStartObject();
        json.writeStringProperty("name", rule.name());
        json.writeStringProperty("measure", rule.measure().label());
        json.writeNumberProperty("threshold", rule.threshold());
        json.writeNumberProperty("withinSeconds", rule.withinSeconds());
        json.writeArrayPropertyStart("protocols");
        for (Transport protocol : EnumSet.copyOf(rule.protocols())) { // in their own order, not a set's
            json.writeString(protocol.label());
        }
        json.writeEndArray();
        json.writeNumberProperty("banForSeconds", rule.banFor().toSeconds());
        json.writeNumberProperty("maxBanSeconds", rule.maxBan().toSeconds());
        json.writeEndObject();
    }

    private static void writeEntry(JsonGenerator json, BlockEntry entry) {
        json.writeStartObject();
        writeBan(json, entry);
        writeEvidence(json, entry.evidence(), false);
        json.writeEndObject();
    }

    /** An entry without its evidence. */
    static void writeBan(JsonGenerator json, BlockEntry entry) {
        json.writeStringProperty("source", entry.source().compact());
        json.writeStringProperty("at", entry.at().toString());
        json.writeStringProperty("until", entry.until().toString());
        json.writeStringProperty("rule", entry.rule());
        json.writeNumberProperty("repeats", entry.repeats());
    }

    static void writeEvidence(JsonGenerator json, Evidence evidence, boolean withLine) {
        json.writeObjectPropertyStart("evidence");
        json.writeNumberProperty("count", evidence.count());
        json.writeArrayPropertyStart("ports");
        evidence.ports().forEach(json::writeString);
        json.writeEndArray();
        json.writeArrayPropertyStart("loadBalancers");
        for (Ip loadBalancer : evidence.loadBalancers()) {
            json.writeString(loadBalancer.toString());
        }
        json.writeEndArray();
        json.writeStringProperty("firstSeen", evidence.firstSeen().toString());
        json.writeStringProperty("lastSeen", evidence.lastSeen().toString());
        if (withLine) {
            json.writeStringProperty("line", evidence.line());
        }
        if (!evidence.hint().isEmpty()) {
            json.writeStringProperty("hint", evidence.hint());
        }
        json.writeEndObject();
    }

    static void writeRepeat(JsonGenerator json, Repeat repeat) {
        json.writeStartObject();
        json.writeStringProperty("source", repeat.source().compact());
        json.writeNumberProperty("times", repeat.times());
        json.writeStringProperty("forgetAt", repeat.forgetAt().toString());
        json.writeEndObject();
    }

    private static void writeManual(JsonGenerator json, ManualEntry entry) {
        json.writeStartObject();
        json.writeStringProperty("source", entry.source().compact());
        json.writeStringProperty("at", entry.at().toString());
        json.writeStringProperty("until", entry.until().toString());
        json.writeStringProperty("reason", entry.reason());
        json.writeStringProperty("by", entry.by());
        json.writeEndObject();
    }

    static void writeAnswer(JsonGenerator json, AnsweredSource answer) {
        json.writeStartObject();
        json.writeStringProperty("source", answer.source().compact());
        json.writeStringProperty("at", answer.at().toString());
        json.writeEndObject();
    }

    private static void writeAllowance(JsonGenerator json, Allowance allowance) {
        json.writeStartObject();
        json.writeStringProperty("addresses", allowance.addresses().compact());
        json.writeStringProperty("until", allowance.until().toString());
        json.writeEndObject();
    }
}
