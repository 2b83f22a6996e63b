package io.denywatch.command;

import io.denywatch.doctor.Diagnosis;
import io.denywatch.doctor.Finding;
import io.denywatch.doctor.Severity;
import tools.jackson.core.JsonGenerator;

/** A diagnosis for programs. */
final class DiagnosisJson {
    private DiagnosisJson() {}

    /** Writes one JSON object. */
    static void write(JsonGenerator json, Diagnosis diagnosis) {
        json.writeStartObject();
        json.writeArrayPropertyStart("findings");
        diagnosis.findings().forEach(finding -> write(json, finding));
        json.writeEndArray();
        json.writeObjectPropertyStart("summary");
        for (Severity severity : Severity.values()) {
            json.writeNumberProperty(severity.label(), diagnosis.of(severity).size());
        }
        json.writeEndObject();
        json.writeBooleanProperty("healthy", diagnosis.healthy());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Finding finding) {
        json.writeStartObject();
        json.writeStringProperty("id", finding.id());
        json.writeStringProperty("severity", finding.severity().label());
        json.writeStringProperty("what", finding.what());
        json.writeStringProperty("why", finding.why());
        json.writeStringProperty("todo", finding.todo());
        json.writeEndObject();
    }
}
