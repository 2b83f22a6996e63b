package io.denywatch.cluster;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.Direction;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Port;
import io.denywatch.policy.Protocol;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Selector;
import io.denywatch.policy.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Calico's objects as the analysis of policies wants them. Whatever a rule asks that is not understood, or not told apart
 * there, becomes a condition of its own in the same words: nothing is then proven that depends on it.
 */
final class PolicyJson {
    private static final Set<String> KNOWN_OF_POLICY = Set.of(
            "tier",
            "order",
            "selector",
            "namespaceSelector",
            "serviceAccountSelector",
            "types",
            "doNotTrack",
            "preDNAT",
            "applyOnForward",
            "ingress",
            "egress",
            "performanceHints");
    private static final Set<String> KNOWN_OF_RULE =
            Set.of("action", "protocol", "notProtocol", "ipVersion", "source", "destination", "metadata");
    private static final Set<String> KNOWN_OF_MATCH = Set.of(
            "nets",
            "notNets",
            "selector",
            "notSelector",
            "namespaceSelector",
            "ports",
            "notPorts",
            "serviceAccounts",
            "services");

    private PolicyJson() {}

    static Tier tier(JsonNode object) {
        JsonNode spec = object.path("spec");
        boolean passes = spec.path("defaultAction").asString("").equalsIgnoreCase(Action.PASS.label());
        return new Tier(CalicoMetadata.of(object).name(), order(spec), passes ? Action.PASS : Action.DENY);
    }

    /** A GlobalNetworkSet, or a NetworkSet with the label that Calico gives to what is in a namespace. */
    static NetworkSet set(JsonNode object) {
        CalicoMetadata metadata = CalicoMetadata.of(object);
        String namespace = object.path("metadata").path("namespace").asString("");
        Map<String, String> labels = new HashMap<>(metadata.labels());
        if (!namespace.isEmpty()) {
            labels.put(Selector.NAMESPACE, namespace);
        }
        return new NetworkSet(
                metadata.name(),
                labels,
                nets(object.path("spec").path("nets")).stream()
                        .flatMap(Optional::stream)
                        .toList());
    }

    static HostEndpoint hostEndpoint(JsonNode object) {
        CalicoMetadata metadata = CalicoMetadata.of(object);
        JsonNode spec = object.path("spec");
        return new HostEndpoint(
                metadata.name(),
                spec.path("node").asString(""),
                spec.path("interfaceName").asString(""),
                metadata.labels(),
                texts(spec.path("expectedIPs")).stream()
                        .filter(address -> !address.contains("/")) // Felix passes over what is not one address
                        .flatMap(address -> ClusterText.block(address).stream())
                        .toList(),
                texts(spec.path("profiles")));
    }

    static Policy policy(JsonNode object) {
        JsonNode spec = object.path("spec");
        String namespace = object.path("metadata").path("namespace").asString("");
        List<String> others = unknown(spec, KNOWN_OF_POLICY, "");
        for (String list : List.of("types", "ingress", "egress")) {
            if (!isList(spec.path(list))) {
                others.add(list + "=" + canonical(spec.path(list)));
            }
        }
        Set<Direction> types = EnumSet.noneOf(Direction.class);
        for (String type : texts(spec.path("types"))) {
            Arrays.stream(Direction.values())
                    .filter(direction -> direction.label().equalsIgnoreCase(type))
                    .findFirst()
                    .ifPresentOrElse(types::add, () -> others.add("types=" + type));
        }
        return new Policy(
                CalicoMetadata.of(object).name(),
                namespace.isEmpty() ? null : namespace,
                spec.path("tier").asString(Tier.DEFAULT.name()),
                order(spec),
                spec.path("selector").asString(""),
                spec.path("namespaceSelector").asString(""),
                spec.path("serviceAccountSelector").asString(""),
                types,
                spec.path("doNotTrack").asBoolean(false),
                spec.path("preDNAT").asBoolean(false),
                spec.path("applyOnForward").asBoolean(false),
                rules(spec.path("ingress")),
                rules(spec.path("egress")),
                others);
    }

    /** What an object says and is not read here, such as what later versions of Calico may add. */
    private static List<String> unknown(JsonNode object, Set<String> known, String in) {
        List<String> unknown = new ArrayList<>();
        for (String name : object.propertyNames()) {
            if (!known.contains(name) && !object.path(name).isNull()) {
                unknown.add(in + name + "=" + canonical(object.path(name)));
            }
        }
        Collections.sort(unknown);
        return unknown;
    }

    private static boolean isList(JsonNode node) {
        return node.isArray() || node.isNull() || node.isMissingNode();
    }

    private static double order(JsonNode spec) {
        JsonNode order = spec.path("order");
        return order.isNumber() ? order.asDouble() + 0.0 : Double.POSITIVE_INFINITY; // 0.0 makes 0.0 of -0.0
    }

    private static List<Rule> rules(JsonNode rules) {
        return ClusterText.elements(rules).map(PolicyJson::rule).toList();
    }

    private static Rule rule(JsonNode rule) {
        List<String> others = unknown(rule, KNOWN_OF_RULE, "");
        int ipVersion = rule.path("ipVersion").asInt(0);
        if (ipVersion != 0 && ipVersion != 4 && ipVersion != 6) {
            others.add("ipVersion=" + ipVersion);
            ipVersion = 0;
        }
        return new Rule(
                action(rule, others),
                protocol(rule, "protocol", others),
                protocol(rule, "notProtocol", others),
                ipVersion,
                match(rule, "source", others),
                match(rule, "destination", others),
                others);
    }

    /** An action that is not known may let packets in. */
    private static Action action(JsonNode rule, List<String> others) {
        String text = rule.path("action").asString("");
        for (Action action : Action.values()) {
            if (action.label().equalsIgnoreCase(text)) {
                return action;
            }
        }
        others.add("action=" + text);
        return Action.ALLOW;
    }

    private static @Nullable Protocol protocol(JsonNode rule, String name, List<String> others) {
        if (!rule.has(name)) {
            return null;
        }
        String text = rule.get(name).asString("");
        try {
            return Protocol.parse(text);
        } catch (IllegalArgumentException e) {
            others.add(name + "=" + text);
            return null;
        }
    }

    private static EntityMatch match(JsonNode rule, String side, List<String> others) {
        JsonNode match = rule.path(side);
        others.addAll(unknown(match, KNOWN_OF_MATCH, side + "."));
        JsonNode services = match.path("services");
        JsonNode accounts = match.path("serviceAccounts");
        others.addAll(unknown(accounts, Set.of("names", "selector"), side + ".serviceAccounts."));
        if (!isList(accounts.path("names"))
                || (!services.isMissingNode()
                        && !services.isNull()
                        && !services.path("name").isString())) {
            others.add(side + "=" + canonical(match));
        }
        return new EntityMatch(
                all(match, "nets", side, PolicyJson::net, others),
                all(match, "notNets", side, PolicyJson::net, others),
                text(match, "selector", side, others),
                text(match, "notSelector", side, others),
                text(match, "namespaceSelector", side, others),
                all(match, "ports", side, PolicyJson::port, others),
                all(match, "notPorts", side, PolicyJson::port, others),
                texts(accounts.path("names")),
                text(accounts, "selector", side + ".serviceAccounts", others),
                services.path("name").isString()
                        ? services.path("namespace").asString("") + "/"
                                + services.path("name").asString("")
                        : "");
    }

    /** The text; where there is something else in its place, none and a condition. */
    private static String text(JsonNode match, String name, String side, List<String> others) {
        JsonNode text = match.path(name);
        if (!text.isString() && !text.isNull() && !text.isMissingNode()) {
            others.add(side + "." + name + "=" + canonical(text));
        }
        return text.isString() ? text.asString("") : "";
    }

    /** All elements, or none and a condition in their place: one that is left out would make the match wider. */
    private static <T> List<T> all(
            JsonNode match, String name, String side, Function<JsonNode, Optional<T>> reading, List<String> others) {
        List<Optional<T>> elements =
                ClusterText.elements(match.path(name)).map(reading).toList();
        if (elements.stream().anyMatch(Optional::isEmpty) || !isList(match.path(name))) {
            others.add(side + "." + name + "=" + canonical(match.get(name)));
            return List.of();
        }
        return elements.stream().flatMap(Optional::stream).toList();
    }

    private static List<Optional<IpPrefix>> nets(JsonNode nets) {
        return ClusterText.elements(nets).map(PolicyJson::net).toList();
    }

    /** Bits behind the prefix are masked away, as Calico does. */
    private static Optional<IpPrefix> net(JsonNode net) {
        return ClusterText.block(net.asString(""));
    }

    private static Optional<Port> port(JsonNode port) {
        try {
            return Optional.of(Port.parse(port.asString("")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static List<String> texts(JsonNode texts) {
        return ClusterText.elements(texts).map(text -> text.asString("")).toList();
    }

    /** The same for what means the same: members stand in order. */
    private static String canonical(JsonNode node) {
        if (node.isObject()) {
            Map<String, String> members = new TreeMap<>();
            for (String name : node.propertyNames()) {
                members.put(name.toLowerCase(Locale.ROOT), canonical(node.get(name)));
            }
            return members.toString();
        }
        return node.isArray()
                ? ClusterText.elements(node).map(PolicyJson::canonical).collect(Collectors.joining(",", "[", "]"))
                : node.asString("");
    }
}
