package io.denywatch.felix;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Fields of an object as Go decodes them into a struct (sigs.k8s.io/json): names match in their exact case, unknown ones
 * are ignored, null is the zero value, and anything of another type fails the decoding of the whole list.
 *
 * @param node an object
 */
record Typed(JsonNode node) {
    /** The list that holds the object cannot be decoded. */
    static final class Undecodable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Undecodable(String what) {
            super(what);
        }
    }

    static Typed of(JsonNode node) {
        if (node.isNull() || node.isMissingNode()) {
            return new Typed(JsonNodeFactory.instance.objectNode());
        }
        if (!node.isObject()) {
            throw new Undecodable(node + " is no struct");
        }
        return new Typed(node);
    }

    boolean has(String name) {
        return node.has(name) && !node.get(name).isNull();
    }

    Typed struct(String name) {
        return of(node.path(name));
    }

    String text(String name) {
        return textOf(node.path(name));
    }

    static String textOf(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return "";
        }
        if (!value.isString()) {
            throw new Undecodable(value + " is no string");
        }
        return value.asString();
    }

    boolean flag(String name) {
        JsonNode value = node.path(name);
        if (value.isNull() || value.isMissingNode()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw new Undecodable(value + " is no bool");
        }
        return value.asBoolean();
    }

    @Nullable
    Double real(String name) {
        if (!has(name)) {
            return null;
        }
        JsonNode value = node.get(name);
        if (!value.isNumber() || Double.isInfinite(value.doubleValue())) {
            throw new Undecodable(value + " is no float64");
        }
        return value.doubleValue();
    }

    @Nullable
    Long integer(String name) {
        return has(name) ? integerOf(node.get(name), Long.MIN_VALUE, Long.MAX_VALUE) : null;
    }

    static long integerOf(JsonNode value, long min, long max) {
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new Undecodable(value + " is no integer");
        }
        long number = value.longValue();
        if (number < min || number > max) {
            throw new Undecodable(value + " overflows");
        }
        return number;
    }

    <T> List<T> list(String name, Function<JsonNode, T> element) {
        JsonNode value = node.path(name);
        List<T> elements = new ArrayList<>();
        if (value.isNull() || value.isMissingNode()) {
            return elements;
        }
        if (!value.isArray()) {
            throw new Undecodable(value + " is no array");
        }
        value.forEach(child -> elements.add(element.apply(child)));
        return elements;
    }

    List<String> texts(String name) {
        return list(name, Typed::textOf);
    }

    Map<String, String> textMap(String name) {
        Map<String, String> map = new HashMap<>();
        Typed members = struct(name);
        members.node.propertyNames().forEach(key -> map.put(key, textOf(members.node.get(key))));
        return map;
    }
}
