package io.denywatch.web;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A mapping in the file, with known keys only.
 *
 * @param name of the section, followed by a dot; empty for the whole file
 * @param values the values by key
 */
record ConfigSection(String name, JsonNode values) {
    /** Checks that the value is a mapping with known keys only. */
    static ConfigSection of(String name, JsonNode values, Set<String> keys) throws WebConfigException {
        if (!values.isObject() && !values.isNull() && !values.isMissingNode()) {
            throw new WebConfigException((name.isEmpty() ? "it" : name) + " is not a mapping");
        }
        String prefix = name.isEmpty() ? "" : name + ".";
        for (Map.Entry<String, JsonNode> property : values.properties()) {
            if (!keys.contains(property.getKey())) {
                throw new WebConfigException(prefix + property.getKey() + ": unknown key; allowed: "
                        + String.join(", ", keys.stream().sorted().toList()));
            }
        }
        return new ConfigSection(prefix, values);
    }

    JsonNode at(String key) {
        return values.path(key);
    }

    boolean has(String key) {
        return !at(key).isMissingNode() && !at(key).isNull();
    }

    Optional<String> text(String key) throws WebConfigException {
        if (!has(key) || (at(key).isString() && at(key).asString().isEmpty())) {
            return Optional.empty();
        }
        if (!at(key).isString()) {
            throw refuse(key, "a string");
        }
        return Optional.of(at(key).asString());
    }

    String oneOf(String key, String byDefault, List<String> allowed) throws WebConfigException {
        String given = text(key).orElse(byDefault);
        if (!allowed.contains(given)) {
            throw refuse(key, String.join(", ", allowed));
        }
        return given;
    }

    boolean flag(String key, boolean byDefault) throws WebConfigException {
        if (has(key) && !at(key).isBoolean()) {
            throw refuse(key, "true or false");
        }
        return has(key) ? at(key).asBoolean() : byDefault;
    }

    List<String> list(String key) throws WebConfigException {
        List<String> texts = new ArrayList<>();
        if (has(key) && !at(key).isArray()) {
            throw refuse(key, "a list of strings");
        }
        for (JsonNode element : at(key).values()) {
            if (!element.isString()) {
                throw refuse(key, "a list of strings");
            }
            texts.add(element.asString());
        }
        return texts;
    }

    WebConfigException refuse(String key, String allowed) {
        return new WebConfigException(name + key + ": " + at(key) + " is not allowed; allowed: " + allowed);
    }
}
