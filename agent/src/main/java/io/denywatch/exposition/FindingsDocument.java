package io.denywatch.exposition;

import io.denywatch.doctor.Diagnosis;
import io.denywatch.doctor.Finding;
import io.denywatch.doctor.Severity;
import java.io.OutputStream;
import tools.jackson.core.JsonGenerator;

/** A diagnosis for programs, the worst finding first. */
public final class FindingsDocument {
    private FindingsDocument() {}

    static void write(Diagnosis diagnosis, OutputStream out) {
        try (JsonGenerator json = JsonDocuments.start(out)) {
            writeProperties(json, diagnosis);
            json.writeEndObject();
        }
    }

    /** Writes one JSON object. */
    public static void write(JsonGenerator json, Diagnosis diagnosis) {
        json.writeStartObject();
        writeProperties(json, diagnosis);
        json.writeEndObject();
    }

    private static void writeProperties(JsonGenerator json, Diagnosis diagnosis) {
        JsonDocuments.writeTime(json, "at", diagnosis.atMillis());
        json.writeArrayPropertyStart("findings");
        diagnosis.findings().forEach(finding -> write(json, finding));
        json.writeEndArray();
        json.writeObjectPropertyStart("summary");
        for (Severity severity : Severity.values()) {
            json.writeNumberProperty(severity.label(), diagnosis.of(severity).size());
        }
        json.writeEndObject();
        if (diagnosis.checked()) {
            json.writeBooleanProperty("healthy", diagnosis.healthy());
        } else {
            json.writeNullProperty("healthy");
        }
    }

    private static void write(JsonGenerator json, Finding finding) {
        json.writeStartObject();
        json.writeStringProperty("id", finding.id());
        json.writeStringProperty("severity", finding.severity().label());
        json.writeStringProperty("what", finding.what());
        json.writeStringProperty("why", finding.why());
        json.writeStringProperty("todo", finding.todo());
        json.writeArrayPropertyStart("caveats");
        finding.caveats().forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
    }
}
