package io.denywatch.cluster;

import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Name and labels of one of Calico's objects, by whichever group it was read. Behind the supported group, metadata is a
 * text in an annotation, and the labels there win over those beside it; policies have the name of their tier in front.
 *
 * @param name as it was given
 * @param labels by which selectors find it
 */
record CalicoMetadata(String name, Map<String, String> labels) {
    private static final String ANNOTATION = "projectcalico.org/metadata";
    private static final JsonMapper JSON = new JsonMapper();

    CalicoMetadata {
        labels = Map.copyOf(labels);
    }

    static CalicoMetadata of(JsonNode object) {
        JsonNode stored = object.path("metadata");
        Map<String, String> labels = new HashMap<>();
        addLabels(stored, labels);
        String name = stored.path("name").asString("");
        String kept = stored.path("annotations").path(ANNOTATION).asString("");
        if (kept.isEmpty()) {
            return new CalicoMetadata(name, labels);
        }
        try {
            JsonNode given = JSON.readTree(kept);
            addLabels(given, labels);
            return new CalicoMetadata(given.path("name").asString(name), labels);
        } catch (JacksonException e) {
            return new CalicoMetadata(name, labels); // as Calico goes on with what is there
        }
    }

    private static void addLabels(JsonNode metadata, Map<String, String> labels) {
        for (String key : metadata.path("labels").propertyNames()) {
            labels.put(key, metadata.path("labels").path(key).asString(""));
        }
    }
}
