package io.denywatch.cluster.survey;

import io.denywatch.cluster.Addresses;
import io.denywatch.cluster.CalicoMetadata;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Reads Calico's objects for the analysis of policies, each with its oddities. It notes oddities of all versions of
 * Calico.
 */
public final class PolicyJson {
    private static final Set<String> KNOWN_OF_POLICY = Set.of(
            "tier", "order", "selector", "serviceAccountSelector", "types", "ingress", "egress", "performanceHints");
    private static final Set<String> KNOWN_OF_GLOBAL_POLICY =
            Set.of("namespaceSelector", "doNotTrack", "preDNAT", "applyOnForward");
    private static final Pattern LABEL_VALUE = Pattern.compile("[a-zA-Z0-9]?([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?");
    private static final Pattern INTERFACE = Pattern.compile("\\*|[a-zA-Z0-9_.-]{1,15}");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
    private static final Set<String> PROTOCOLS_OF_ENDPOINT_PORTS = Set.of("tcp", "udp", "sctp");

    private PolicyJson() {}

    /**
     * Reads a tier. Any default action other than Pass counts as Deny.
     *
     * @param oddities its oddities are added here
     */
    public static Tier tier(JsonNode object, List<Oddity.Occurrence> oddities) {
        CalicoMetadata metadata = metadata(object, oddities);
        FelixDecoder.tier(object, oddities);
        JsonNode spec = object.path("spec");
        boolean passes = spec.path("defaultAction").asString("").equals(Action.PASS.label());
        return new Tier(metadata.name(), order(spec), passes ? Action.PASS : Action.DENY);
    }

    /** Reads a GlobalNetworkSet, or a NetworkSet with the label that Calico gives to objects in a namespace. */
    public static NetworkSet set(JsonNode object) {
        List<Oddity.Occurrence> oddities = new ArrayList<>();
        CalicoMetadata metadata = metadata(object, oddities);
        FelixDecoder.set(object, oddities);
        String namespace = namespace(object);
        Map<String, String> labels = new HashMap<>(metadata.labels());
        if (!namespace.isEmpty()) {
            labels.put(Selector.NAMESPACE, namespace);
        }
        labels(metadata, oddities);
        List<IpPrefix> nets = nets(object.path("spec").path("nets"), "nets", true, oddities);
        if (!namespace.isEmpty()) {
            oddities.stream()
                    .filter(found -> found.oddity() == Oddity.NET_PASSED_OVER)
                    .map(found -> Oddity.NETWORK_SET_NET.at(found.where()))
                    .toList()
                    .forEach(oddities::add);
        }
        return new NetworkSet(metadata.name(), labels, nets, oddities);
    }

    public static HostEndpoint hostEndpoint(JsonNode object) {
        List<Oddity.Occurrence> oddities = new ArrayList<>();
        CalicoMetadata metadata = metadata(object, oddities);
        FelixDecoder.hostEndpoint(object, oddities);
        labels(metadata, oddities);
        JsonNode spec = object.path("spec");
        String node = spec.path("node").asString("");
        if (node.isEmpty()) {
            oddities.add(Oddity.HOST_ENDPOINT_NODE.at("no node"));
        }
        String interfaceName = spec.path("interfaceName").asString("");
        List<String> profiles = texts(spec.path("profiles"));
        if (!interfaceName.isEmpty() && !INTERFACE.matcher(interfaceName).matches()) {
            oddities.add(Oddity.HOST_ENDPOINT.at("interfaceName: " + interfaceName));
        }
        profiles.stream()
                .filter(profile -> !NAME.matcher(profile).matches())
                .forEach(profile -> oddities.add(Oddity.HOST_ENDPOINT.at("profiles: \"" + profile + "\"")));
        Addresses.elements(spec.path("ports"))
                .filter(port -> !isEndpointPort(port))
                .forEach(port -> oddities.add(Oddity.HOST_ENDPOINT.at("ports: " + Addresses.canonical(port))));
        return new HostEndpoint(
                metadata.name(),
                node,
                interfaceName,
                metadata.labels(),
                nets(spec.path("expectedIPs"), "expectedIPs", false, oddities),
                profiles,
                oddities);
    }

    private static boolean isEndpointPort(JsonNode port) {
        return NAME.matcher(port.path("name").asString("")).matches()
                && port.path("port").asInt(0) > 0
                && PROTOCOLS_OF_ENDPOINT_PORTS.contains(
                        lower(port.path("protocol").asString("")));
    }

    private static CalicoMetadata metadata(JsonNode object, List<Oddity.Occurrence> oddities) {
        CalicoMetadata metadata = CalicoMetadata.of(object);
        if (!metadata.isReadable()) {
            oddities.add(Oddity.METADATA.at("an annotation projectcalico.org/metadata that cannot be read"));
        }
        return metadata;
    }

    private static void labels(CalicoMetadata metadata, List<Oddity.Occurrence> oddities) {
        metadata.labels().forEach((key, value) -> {
            if (!LABEL_VALUE.matcher(value).matches()) {
                oddities.add(Oddity.LABELS.at("label " + key + ": " + value));
            }
        });
    }

    private static String namespace(JsonNode object) {
        return object.path("metadata").path("namespace").asString("");
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    public static Policy policy(JsonNode object) {
        JsonNode spec = object.path("spec");
        String namespace = namespace(object);
        List<Oddity.Occurrence> oddities = new ArrayList<>();
        CalicoMetadata metadata = metadata(object, oddities);
        FelixDecoder.policy(object, oddities);
        for (String name : Addresses.sorted(spec)) {
            if (!KNOWN_OF_POLICY.contains(name) && !(namespace.isEmpty() && KNOWN_OF_GLOBAL_POLICY.contains(name))) {
                oddities.add(Oddity.UNKNOWN_FIELD.at(name + ": " + Addresses.canonical(spec.get(name))));
            }
        }
        List<String> hints = texts(spec.path("performanceHints"));
        if (!hints.isEmpty() && !hints.equals(List.of("AssumeNeededOnEveryNode"))) {
            oddities.add(Oddity.PERFORMANCE_HINT.at("performanceHints: " + hints));
        }
        String tier = spec.path("tier").asString("");
        JsonNode ofGlobal = namespace.isEmpty() ? spec : JsonNodeFactory.instance.missingNode();
        return new Policy(
                metadata.name(),
                namespace.isEmpty() ? null : namespace,
                tier.isEmpty() ? Tier.DEFAULT.name() : tier,
                order(spec),
                spec.path("selector").asString(""),
                ofGlobal.path("namespaceSelector").asString(""),
                spec.path("serviceAccountSelector").asString(""),
                types(spec.path("types"), oddities),
                ofGlobal.path("doNotTrack").asBoolean(false),
                ofGlobal.path("preDNAT").asBoolean(false),
                ofGlobal.path("applyOnForward").asBoolean(false),
                rules(spec, Direction.INGRESS, oddities),
                rules(spec, Direction.EGRESS, oddities),
                oddities,
                object.path("metadata").path("name").asString(""));
    }

    /** The set is also empty if all types are unknown, although the policy then applies to no direction. */
    private static Set<Direction> types(JsonNode types, List<Oddity.Occurrence> oddities) {
        Set<Direction> read = EnumSet.noneOf(Direction.class);
        for (String type : texts(types)) {
            Arrays.stream(Direction.values())
                    .filter(direction -> lower(direction.label()).equals(lower(type)))
                    .findFirst()
                    .ifPresentOrElse(read::add, () -> oddities.add(Oddity.TYPES.at("types: " + type)));
        }
        return read;
    }

    private static List<Rule> rules(JsonNode spec, Direction direction, List<Oddity.Occurrence> oddities) {
        String list = lower(direction.label());
        List<Rule> rules = new ArrayList<>();
        for (JsonNode rule : Addresses.elements(spec.path(list)).toList()) {
            rules.add(RuleJson.of(rule, list + "[" + rules.size() + "]", oddities));
        }
        return rules;
    }

    private static double order(JsonNode spec) {
        JsonNode order = spec.path("order");
        return order.isNumber() ? order.asDouble() + 0.0 : Double.POSITIVE_INFINITY; // turns -0.0 into 0.0
    }

    private static List<IpPrefix> nets(JsonNode nets, String name, boolean blocks, List<Oddity.Occurrence> oddities) {
        List<IpPrefix> read = new ArrayList<>();
        Addresses.elements(nets)
                .forEach(net -> RuleJson.net(net)
                        .filter(_ -> blocks || net.asString("").indexOf('/') < 0)
                        .ifPresentOrElse(
                                read::add,
                                () -> oddities.add(Oddity.NET_PASSED_OVER.at(name + ": " + Addresses.canonical(net)))));
        return read;
    }

    private static List<String> texts(JsonNode texts) {
        return Addresses.elements(texts).map(text -> text.asString("")).toList();
    }
}
