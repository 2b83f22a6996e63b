package io.denywatch.cluster;

import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Name and labels of one of Calico's objects, from either API group. In the storage objects of the supported group, the
 * metadata is a text in an annotation, and the labels in this text take precedence. Names of storage objects of
 * policies start with the name of their tier. Immutable.
 *
 * @param name as it was given
 * @param labels that selectors match
 * @param isReadable whether Calico can read it too; otherwise Calico ignores the object
 */
public record CalicoMetadata(String name, Map<String, String> labels, boolean isReadable) {
    private static final String ANNOTATION = "projectcalico.org/metadata";
    private static final Set<String> TEXTS =
            Set.of("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion");
    private static final Set<String> TIMES = Set.of("creationTimestamp", "deletionTimestamp");
    private static final Set<String> MAPS = Set.of("labels", "annotations");
    private static final Set<String> NUMBERS = Set.of("generation", "deletionGracePeriodSeconds");
    private static final Set<String> LISTS = Set.of("ownerReferences", "finalizers", "managedFields");
    private static final Pattern TIME = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})");
    private static final JsonMapper JSON = new JsonMapper();

    public CalicoMetadata {
        labels = Map.copyOf(labels);
    }

    public static CalicoMetadata of(JsonNode object) {
        JsonNode stored = object.path("metadata");
        Map<String, String> labels = new HashMap<>();
        addLabels(stored, labels);
        String name = stored.path("name").asString("");
        JsonNode kept = stored.path("annotations").path(ANNOTATION);
        if (!kept.isString()) {
            return new CalicoMetadata(name, labels, true);
        }
        try {
            JsonNode given = JSON.readTree(kept.asString(""));
            addLabels(given, labels);
            String named = given.path("name").asString("");
            return new CalicoMetadata(named.isEmpty() ? name : named, labels, isMetadata(given));
        } catch (JacksonException e) {
            return new CalicoMetadata(name, labels, false);
        }
    }

    /** Whether all members have their proper types. Calico ignores the case of their names; this method does not. */
    private static boolean isMetadata(JsonNode given) {
        return given.isObject()
                && given.properties().stream()
                        .allMatch(member -> member.getValue().isNull() || isMember(member.getKey(), member.getValue()));
    }

    private static boolean isMember(String name, JsonNode value) {
        if (TEXTS.contains(name)) {
            return value.isString();
        }
        if (TIMES.contains(name)) {
            return value.isString() && isTime(value.asString());
        }
        if (NUMBERS.contains(name)) {
            return value.isIntegralNumber();
        }
        if (LISTS.contains(name)) {
            return value.isArray();
        }
        return MAPS.contains(name) ? isMap(value) : isUnknown(name);
    }

    private static boolean isTime(String text) {
        try {
            return TIME.matcher(text).matches() && OffsetDateTime.parse(text).getYear() > 0;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static boolean isMap(JsonNode value) {
        return value.isObject()
                && value.properties().stream()
                        .allMatch(member -> member.getValue().isString()
                                || member.getValue().isNull());
    }

    private static boolean isUnknown(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return !lower.equals("name") && !lower.equals("labels");
    }

    private static void addLabels(JsonNode metadata, Map<String, String> labels) {
        for (String key : metadata.path("labels").propertyNames()) {
            labels.put(key, metadata.path("labels").path(key).asString(""));
        }
    }
}
