package io.denywatch.cluster;

import io.denywatch.ip.Ip;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** Parses addresses in API objects. The server does not check all of them, such as those in annotations. Stateless. */
public final class Addresses {
    private Addresses() {}

    /** The address, with or without a prefix length; empty if the text is anything else, such as a host name. */
    public static Optional<Ip> address(String text) {
        int slash = text.indexOf('/');
        try {
            return Optional.of(Ip.parse(slash < 0 ? text : text.substring(0, slash)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The elements of an array, or the values of an object; none if the node is neither. */
    public static Stream<JsonNode> elements(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    /** The addresses in an array of texts; other texts are left out. */
    public static List<Ip> addresses(JsonNode texts) {
        return addresses(elements(texts).map(text -> text.asString("")));
    }

    /** The addresses among texts, each once. */
    public static List<Ip> addresses(Stream<String> texts) {
        return texts.flatMap(text -> address(text).stream()).distinct().toList();
    }

    public static boolean isNothing(JsonNode node) {
        return node.isNull() || node.isMissingNode();
    }

    /** The names of an object's members that are not null, sorted. */
    public static List<String> sorted(JsonNode object) {
        List<String> names = new ArrayList<>();
        for (String name : object.propertyNames()) {
            if (!object.path(name).isNull()) {
                names.add(name);
            }
        }
        Collections.sort(names);
        return names;
    }

    /** A canonical text of a value: equal for equal values, with sorted members. */
    public static String canonical(JsonNode node) {
        if (node.isObject()) {
            Map<String, String> members = new TreeMap<>();
            for (String name : node.propertyNames()) {
                members.put(name, canonical(node.get(name)));
            }
            return members.entrySet().stream()
                    .map(member -> member.getKey() + ":" + member.getValue())
                    .collect(Collectors.joining(",", "{", "}"));
        }
        return node.isArray()
                ? elements(node).map(Addresses::canonical).collect(Collectors.joining(",", "[", "]"))
                : node.toString();
    }
}
