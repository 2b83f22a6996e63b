package io.denywatch.exposition;

import io.denywatch.api.AsciiJson;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.ingest.CheckpointStatus;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.tail.TailSnapshot;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The documents of the API. Times are RFC 3339 in UTC, counts are whole numbers since start unless the document names a
 * window. The last load balancer is always {@code other}.
 *
 * <p>A {@code port} is a number where there is one. In {@code totals}, which are kept for exposed ports only,
 * {@code "other"} stands for all other ports together and for packets without a port; in {@code topPorts}, which are
 * the packets' own, {@code null} stands for packets without a port.
 *
 * <p>Only the API's pages load this class, the documents beside it and Jackson with them.
 */
final class JsonDocuments {
    private static final JsonFactory JSON = AsciiJson.factory().build();

    private JsonDocuments() {}

    /** All load balancers, and the state of the log. */
    static void nlbs(ExpositionSettings agent, IngestSnapshot snapshot, OutputStream out) {
        try (JsonGenerator json = start(out)) {
            json.writeStringProperty("node", agent.node());
            json.writeStringProperty("version", agent.version());
            json.writeStringProperty("takenAt", time(snapshot.takenAtMillis()));
            json.writeStringProperty("since", time(snapshot.sinceMillis()));
            json.writeNumberProperty("windowSeconds", snapshot.denials().windowSeconds());
            json.writeArrayPropertyStart("nlbs");
            for (NlbDenials nlb : snapshot.denials().loadBalancers()) {
                writeNlb(json, nlb);
            }
            writeNlb(json, snapshot.denials().other());
            json.writeEndArray();
            writeTracking(json, snapshot.denials());
            writeLog(json, snapshot);
            writeCheckpoint(json, snapshot.checkpoint());
            json.writeEndObject();
        }
    }

    /** Why a question has no answer. */
    static void error(String message, OutputStream out) {
        try (JsonGenerator json = start(out)) {
            json.writeStringProperty("error", message);
            json.writeEndObject();
        }
    }

    /** Begins a document's one object. */
    static JsonGenerator start(OutputStream out) {
        JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out);
        json.writeStartObject();
        return json;
    }

    private static void writeNlb(JsonGenerator json, NlbDenials nlb) {
        json.writeStartObject();
        json.writeStringProperty("nlb", nlb.nlb());
        json.writeStringProperty("namespace", nlb.namespace());
        json.writeStringProperty("service", nlb.service());
        json.writeNumberProperty("packets", nlb.packets());
        json.writeNumberProperty("bytes", nlb.bytes());
        json.writeNumberProperty("latePackets", nlb.latePackets());
        json.writeNumberProperty("sources", nlb.sources());
        json.writeArrayPropertyStart("totals");
        for (PortTotal total : nlb.totals()) {
            json.writeStartObject();
            json.writeStringProperty("namespace", total.namespace());
            json.writeStringProperty("service", total.service());
            json.writeStringProperty("protocol", total.transport().label());
            if (total.port() == 0) {
                json.writeStringProperty("port", SnapshotCollector.exposedPort(0));
            } else {
                json.writeNumberProperty("port", total.port());
            }
            json.writeNumberProperty("packets", total.packets());
            json.writeNumberProperty("bytes", total.bytes());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("topPorts");
        for (PortCount count : nlb.topPorts()) {
            json.writeStartObject();
            if (count.port() < 0) {
                json.writeNullProperty("port");
            } else {
                json.writeNumberProperty("port", count.port());
            }
            json.writeStringProperty("protocol", count.transport().label());
            json.writeNumberProperty("packets", count.packets());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeTracking(JsonGenerator json, DenialSnapshot denials) {
        json.writeObjectPropertyStart("trackedSources");
        json.writeNumberProperty("now", denials.trackedSources());
        json.writeNumberProperty("limit", denials.trackedSourcesLimit());
        json.writeNumberProperty("evictedForCapacity", denials.evictedForCapacity());
        json.writeNumberProperty("evictedIdle", denials.evictedIdle());
        json.writeEndObject();
    }

    private static void writeLog(JsonGenerator json, IngestSnapshot snapshot) {
        TailSnapshot tail = snapshot.tail();
        json.writeObjectPropertyStart("log");
        json.writeStringProperty("kind", snapshot.sourceKind());
        json.writeStringProperty("path", snapshot.sourcePath());
        json.writeBooleanProperty("readable", tail.readable());
        json.writeStringProperty("problem", tail.problem());
        json.writeNumberProperty("unreadBytes", tail.unreadBytes());
        json.writeNumberProperty("readBytes", tail.readBytes());
        writeTime(json, "lastLineAt", tail.lastLineMillis());
        json.writeBooleanProperty("catchingUp", snapshot.catchingUp());
        json.writeNumberProperty("timestampOffsetSeconds", snapshot.timestampOffsetSeconds());
        writeCounts(json, "lines", snapshot.lines());
        writeCounts(json, "malformed", snapshot.malformed());
        writeCounts(json, "suppressed", snapshot.suppressed());
        writeCounts(json, "rotations", Map.of("renamed", tail.renamed(), "truncated", tail.truncated()));
        writeCounts(json, "readErrors", tail.readErrors());
        writeCounts(json, "gaps", tail.gaps());
        json.writeNumberProperty("nulBytes", tail.nulBytes());
        json.writeNumberProperty("partialLinesDiscarded", tail.partialLinesDiscarded());
        json.writeNumberProperty("drainingFiles", tail.drainingFiles());
        json.writeNumberProperty("kmsgLostRecords", tail.kmsgLostRecords());
        json.writeEndObject();
    }

    private static void writeCheckpoint(JsonGenerator json, CheckpointStatus checkpoint) {
        json.writeObjectPropertyStart("checkpoint");
        writeTime(json, "durableAt", checkpoint.durableAtMillis());
        json.writeNumberProperty("failures", checkpoint.failures());
        json.writeBooleanProperty("stateLost", checkpoint.stateLost());
        json.writeEndObject();
    }

    /** A time, or null for what has not happened yet. */
    static void writeTime(JsonGenerator json, String name, long unixMillis) {
        if (unixMillis > 0) {
            json.writeStringProperty(name, time(unixMillis));
        } else {
            json.writeNullProperty(name);
        }
    }

    /** Counts by name, in the names' order, so that the same snapshot gives the same bytes. */
    static void writeCounts(JsonGenerator json, String name, Map<String, Long> counts) {
        json.writeObjectPropertyStart(name);
        new TreeMap<>(counts).forEach(json::writeNumberProperty);
        json.writeEndObject();
    }

    static String time(long unixMillis) {
        return Instant.ofEpochMilli(unixMillis).toString();
    }
}
