package io.denywatch.api;

import io.denywatch.detection.Evidence;
import tools.jackson.core.JsonGenerator;

/** Why a source was blocked, as every command prints it. */
public final class EvidenceJson {
    private EvidenceJson() {}

    /** Writes the property {@code evidence}. */
    public static void write(JsonGenerator json, Evidence evidence) {
        json.writeObjectPropertyStart("evidence");
        json.writeNumberProperty("count", evidence.count());
        json.writeArrayPropertyStart("ports");
        evidence.ports().forEach(json::writeString);
        json.writeEndArray();
        json.writeArrayPropertyStart("loadBalancers");
        evidence.loadBalancers().forEach(address -> json.writeString(address.toString()));
        json.writeEndArray();
        json.writeStringProperty("firstSeen", evidence.firstSeen().toString());
        json.writeStringProperty("lastSeen", evidence.lastSeen().toString());
        if (!evidence.line().isEmpty()) {
            json.writeStringProperty("line", evidence.line());
        }
        if (!evidence.hint().isEmpty()) {
            json.writeStringProperty("hint", evidence.hint());
        }
        json.writeEndObject();
    }
}
