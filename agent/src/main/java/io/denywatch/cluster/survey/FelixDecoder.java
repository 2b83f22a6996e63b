package io.denywatch.cluster.survey;

import io.denywatch.cluster.Addresses;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Port;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/**
 * The types of fields in Calico's objects, as its clients decode them. One value of another type makes the whole list
 * undecodable. Field names are case-sensitive, unknown fields are ignored, and null is like a missing field
 * (sigs.k8s.io/json; api/pkg/apis/projectcalico/v3, v3.28.5, v3.31.7 and v3.32.1).
 */
final class FelixDecoder {
    private static final Shape TEXT = Shape.of(JsonNode::isString, Oddity.WRONG_TYPE);
    private static final Shape BOOLEAN = Shape.of(JsonNode::isBoolean, Oddity.WRONG_TYPE);
    private static final Shape INTEGER =
            Shape.of(node -> node.isIntegralNumber() && node.canConvertToLong(), Oddity.WRONG_TYPE);
    private static final Shape NUMBER =
            Shape.of(node -> node.isNumber() && Double.isFinite(node.asDouble()), Oddity.WRONG_TYPE);
    private static final Shape PORT_NUMBER = Shape.of(node -> isWithin(node, 65_535), Oddity.WRONG_TYPE);
    private static final Shape PROTOCOL =
            Shape.of(node -> node.isString() || isWithin(node, 255), Oddity.PROTOCOL_UNDECODABLE);
    private static final Shape PORT = Shape.of(FelixDecoder::isPort, Oddity.PORT_UNDECODABLE);
    private static final Shape TEXTS = Shape.list(TEXT);

    private static final Shape ICMP = Shape.object(Map.of("type", INTEGER, "code", INTEGER));
    private static final Shape MATCH = Shape.object(Map.of(
            "nets", TEXTS,
            "notNets", TEXTS,
            "selector", TEXT,
            "notSelector", TEXT,
            "namespaceSelector", TEXT,
            "ports", Shape.list(PORT),
            "notPorts", Shape.list(PORT),
            "services", Shape.object(Map.of("name", TEXT, "namespace", TEXT)),
            "serviceAccounts", Shape.object(Map.of("names", TEXTS, "selector", TEXT))));
    private static final Shape RULE = Shape.object(Map.of(
            "action", TEXT,
            "ipVersion", INTEGER,
            "protocol", PROTOCOL,
            "notProtocol", PROTOCOL,
            "icmp", ICMP,
            "notICMP", ICMP,
            "source", MATCH,
            "destination", MATCH,
            "http",
                    Shape.object(Map.of(
                            "methods",
                            TEXTS,
                            "paths",
                            Shape.list(Shape.object(Map.of("exact", TEXT, "prefix", TEXT))))),
            "metadata", Shape.object(Map.of("annotations", Shape.map(TEXT)))));
    private static final Shape OF_ALL_POLICIES = Shape.object(Map.of(
            "tier", TEXT,
            "order", NUMBER,
            "selector", TEXT,
            "serviceAccountSelector", TEXT,
            "types", TEXTS,
            "performanceHints", TEXTS,
            "ingress", Shape.list(RULE),
            "egress", Shape.list(RULE)));
    private static final Shape OF_GLOBAL_POLICIES = Shape.object(Map.of(
            "namespaceSelector", TEXT,
            "doNotTrack", BOOLEAN,
            "preDNAT", BOOLEAN,
            "applyOnForward", BOOLEAN));

    private static final Shape NETWORK_POLICY = Shape.object(Map.of("spec", OF_ALL_POLICIES));
    private static final Shape GLOBAL_NETWORK_POLICY = (node, where, found) -> {
        NETWORK_POLICY.check(node, where, found);
        OF_GLOBAL_POLICIES.check(node.path("spec"), "spec", found);
    };
    private static final Shape TIER =
            Shape.object(Map.of("spec", Shape.object(Map.of("order", NUMBER, "defaultAction", TEXT))));
    private static final Shape NETWORK_SET = Shape.object(Map.of("spec", Shape.object(Map.of("nets", TEXTS))));
    private static final Shape HOST_ENDPOINT = Shape.object(Map.of(
            "spec",
            Shape.object(Map.of(
                    "node",
                    TEXT,
                    "interfaceName",
                    TEXT,
                    "expectedIPs",
                    TEXTS,
                    "profiles",
                    TEXTS,
                    "ports",
                    Shape.list(Shape.object(Map.of("name", TEXT, "protocol", PROTOCOL, "port", PORT_NUMBER)))))));

    private FelixDecoder() {}

    static void policy(JsonNode object, List<Oddity.Occurrence> found) {
        boolean global = object.path("metadata").path("namespace").asString("").isEmpty();
        (global ? GLOBAL_NETWORK_POLICY : NETWORK_POLICY).check(object, "", found);
    }

    static void tier(JsonNode object, List<Oddity.Occurrence> found) {
        TIER.check(object, "", found);
    }

    static void set(JsonNode object, List<Oddity.Occurrence> found) {
        NETWORK_SET.check(object, "", found);
    }

    static void hostEndpoint(JsonNode object, List<Oddity.Occurrence> found) {
        HOST_ENDPOINT.check(object, "", found);
    }

    /** The allowed content of a field. */
    private interface Shape {
        void check(JsonNode node, String where, List<Oddity.Occurrence> found);

        static Shape of(Predicate<JsonNode> test, Oddity otherwise) {
            return (node, where, found) -> {
                if (!Addresses.isNothing(node) && !test.test(node)) {
                    found.add(otherwise.at(where + ": " + Addresses.canonical(node)));
                }
            };
        }

        static Shape list(Shape element) {
            Shape array = of(JsonNode::isArray, Oddity.WRONG_TYPE);
            return (node, where, found) -> {
                array.check(node, where, found);
                for (int i = 0; i < node.size() && node.isArray(); i++) {
                    element.check(node.get(i), where + "[" + i + "]", found);
                }
            };
        }

        static Shape object(Map<String, Shape> fields) {
            Shape object = of(JsonNode::isObject, Oddity.WRONG_TYPE);
            return (node, where, found) -> {
                object.check(node, where, found);
                for (String name : node.propertyNames()) {
                    Shape field = fields.get(name);
                    if (field != null) {
                        field.check(node.get(name), where.isEmpty() ? name : where + "." + name, found);
                    }
                }
            };
        }

        static Shape map(Shape value) {
            Shape object = of(JsonNode::isObject, Oddity.WRONG_TYPE);
            return (node, where, found) -> {
                object.check(node, where, found);
                node.properties()
                        .forEach(member -> value.check(member.getValue(), where + "." + member.getKey(), found));
            };
        }
    }

    private static boolean isWithin(JsonNode node, int last) {
        return node.isIntegralNumber() && node.canConvertToInt() && node.intValue() >= 0 && node.intValue() <= last;
    }

    private static boolean isPort(JsonNode node) {
        if (!node.isString()) {
            return isWithin(node, 65_535);
        }
        try {
            Port.parse(node.asString());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
