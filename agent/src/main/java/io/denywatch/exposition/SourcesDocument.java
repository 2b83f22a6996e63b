package io.denywatch.exposition;

import io.denywatch.blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.ManualEntry;
import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.detection.AnsweredSource;
import io.denywatch.doctor.Enforcement;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import tools.jackson.core.JsonGenerator;

/**
 * The document about the sources of one load balancer in the window, noisiest first: whether they were answered lately,
 * and which ban they are under. A {@code ban} is {@code null} where this agent knows of none; its {@code rule} is
 * {@code null} where people decided it. Under {@code dry-run}, a ban by a rule is what would be; a ban holds where
 * {@code enforcement} is {@code active}.
 */
final class SourcesDocument {
    private SourcesDocument() {}

    /**
     * Writes the document.
     *
     * @param answers those who were answered lately
     * @param now a ban that is over then is none
     */
    static void write(
            IngestSnapshot snapshot,
            NlbDenials nlb,
            List<AnsweredSource> answers,
            BlocklistStatus blocklist,
            Enforcement enforcement,
            Instant now,
            OutputStream out) {
        NavigableSet<Ip> answered = new TreeSet<>();
        answers.forEach(answer -> answered.add(answer.source().network()));
        try (JsonGenerator json = JsonDocuments.start(out)) {
            json.writeStringProperty("takenAt", JsonDocuments.time(snapshot.takenAtMillis()));
            json.writeStringProperty("nlb", nlb.nlb());
            json.writeNumberProperty("windowSeconds", snapshot.denials().windowSeconds());
            json.writeStringProperty("blocklistMode", blocklist.mode().label());
            json.writeStringProperty("enforcement", enforcement.label());
            json.writeArrayPropertyStart("sources");
            for (SourceCount source : nlb.topSources()) {
                json.writeStartObject();
                json.writeStringProperty("source", source.block().compact());
                json.writeNumberProperty("packets", source.packets());
                json.writeNumberProperty("atMost", source.atMost());
                json.writeStringProperty("firstSeen", JsonDocuments.time(source.firstSeenSeconds() * 1000));
                json.writeStringProperty("lastSeen", JsonDocuments.time(source.lastSeenSeconds() * 1000));
                json.writeBooleanProperty("answered", isAnswered(source, answered));
                writeBan(json, source.block(), blocklist, now);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    /** Whether the source, which may be shown as a wider block than is told apart, holds one of these. */
    private static boolean isAnswered(SourceCount source, NavigableSet<Ip> answered) {
        Ip next = answered.ceiling(source.source());
        return next != null && new IpPrefix(source.source(), source.prefixLength()).contains(next.high(), next.low());
    }

    /** The ban on a source, or on a part of it: what people decided comes first, for it holds on all nodes. */
    private static void writeBan(JsonGenerator json, IpPrefix source, BlocklistStatus blocklist, Instant now) {
        for (ManualEntry entry : blocklist.manual().entries()) {
            if (entry.source().overlaps(source) && now.isBefore(entry.until())) {
                json.writeObjectPropertyStart("ban");
                json.writeNullProperty("rule");
                json.writeStringProperty("at", entry.at().toString());
                json.writeStringProperty("until", entry.until().toString());
                json.writeEndObject();
                return;
            }
        }
        for (BlockEntry entry : blocklist.wanted().entries().values()) {
            if (entry.source().overlaps(source) && !entry.isOver(now)) {
                json.writeObjectPropertyStart("ban");
                json.writeStringProperty("rule", entry.rule());
                json.writeStringProperty("at", entry.at().toString());
                json.writeStringProperty("until", entry.until().toString());
                json.writeArrayPropertyStart("ports");
                entry.evidence().ports().forEach(json::writeString);
                json.writeEndArray();
                json.writeEndObject();
                return;
            }
        }
        json.writeNullProperty("ban");
    }
}
