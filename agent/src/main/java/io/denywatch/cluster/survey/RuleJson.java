package io.denywatch.cluster.survey;

import io.denywatch.cluster.Addresses;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Port;
import io.denywatch.policy.Protocol;
import io.denywatch.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads one rule of a policy. A condition that is not understood, or has no field in {@link Rule}, becomes a text that
 * is compared but not interpreted. The analysis then never assumes that the rule matches fewer packets than it may, and
 * proves nothing that depends on such a condition.
 */
final class RuleJson {
    /** Addresses and CIDRs that all parsers read alike. */
    private static final Pattern NET =
            Pattern.compile("((0|[1-9][0-9]{0,2})\\.){3}(0|[1-9][0-9]{0,2})(/(0|[1-9][0-9]?))?"
                    + "|[0-9a-fA-F:]{2,39}(/(0|[1-9][0-9]{0,2}))?");

    private static final Map<String, Action> ACTIONS = Map.of(
            "allow",
            Action.ALLOW,
            "deny",
            Action.DENY,
            "log",
            Action.LOG,
            "pass",
            Action.PASS,
            "next-tier",
            Action.PASS);
    private static final Set<String> READ_OF_RULE =
            Set.of("action", "protocol", "notProtocol", "ipVersion", "source", "destination", "metadata");
    private static final Set<String> OPAQUE_OF_RULE = Set.of("icmp", "notICMP", "http");
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

    private final String where;
    private final List<Oddity.Occurrence> oddities; // of the policy
    private final List<String> others = new ArrayList<>();

    private RuleJson(String where, List<Oddity.Occurrence> oddities) {
        this.where = where;
        this.oddities = oddities;
    }

    /**
     * Reads a rule.
     *
     * @param where its place in the policy
     * @param oddities its oddities are added here
     */
    static Rule of(JsonNode rule, String where, List<Oddity.Occurrence> oddities) {
        return new RuleJson(where, oddities).read(rule);
    }

    private Rule read(JsonNode rule) {
        for (String name : Addresses.sorted(rule)) {
            if (OPAQUE_OF_RULE.contains(name)) {
                opaque(name, rule.get(name));
            } else if (!READ_OF_RULE.contains(name)) {
                opaque(Oddity.UNKNOWN_FIELD, name, rule.get(name));
            }
        }
        Action action = action(rule.path("action"));
        Protocol protocol = protocol(rule, "protocol");
        int ipVersion = ipVersion(rule);
        boolean isIcmp = protocol != null && ipVersion != 0 && protocol.isIcmp(ipVersion);
        icmp(rule, "icmp", isIcmp);
        icmp(rule, "notICMP", isIcmp);
        return new Rule(
                action,
                protocol,
                protocol(rule, "notProtocol"),
                ipVersion,
                match(rule.path("source"), "source"),
                match(rule.path("destination"), "destination"),
                others);
    }

    private void opaque(Oddity oddity, String name, JsonNode value) {
        opaque(name, value);
        oddities.add(oddity.at(where + "." + name + ": " + Addresses.canonical(value)));
    }

    /** Adds a condition without an oddity: {@link FelixDecoder} finds what cannot be decoded. */
    private void opaque(String name, JsonNode value) {
        others.add(name + "=" + Addresses.canonical(value));
    }

    /** The action; Allow for an unknown one, which may let packets in. */
    private Action action(JsonNode node) {
        String text = node.asString("").toLowerCase(Locale.ROOT);
        Action action = ACTIONS.get(text);
        if (action == null) {
            opaque(text.isEmpty() ? Oddity.ACTION_MISSING : Oddity.ACTION_UNKNOWN, "action", node);
        }
        return action == null ? Action.ALLOW : action;
    }

    private @Nullable Protocol protocol(JsonNode rule, String name) {
        JsonNode node = rule.path(name);
        if (Addresses.isNothing(node)) {
            return null;
        }
        try {
            return Protocol.parse(node.asString(""));
        } catch (IllegalArgumentException e) {
            if (node.isString()) {
                opaque(Oddity.PROTOCOL_UNKNOWN, name, node);
            } else {
                opaque(name, node);
            }
            return null;
        }
    }

    /** The IP version. The protocol names ICMP and ICMPv6 imply one; their numbers do not. */
    private int ipVersion(JsonNode rule) {
        JsonNode node = rule.path("ipVersion");
        if (Addresses.isNothing(node)) {
            return switch (rule.path("protocol").asString("").toLowerCase(Locale.ROOT)) {
                case "icmp" -> 4;
                case "icmpv6" -> 6;
                default -> 0;
            };
        }
        if (node.isIntegralNumber() && (node.asInt(0) == 4 || node.asInt(0) == 6)) {
            return node.asInt();
        }
        opaque(Oddity.IP_VERSION, "ipVersion", node);
        return 0;
    }

    private void icmp(JsonNode rule, String name, boolean isIcmp) {
        JsonNode type = rule.path(name).path("type");
        JsonNode code = rule.path(name).path("code");
        if ((type.isNumber() && (type.asDouble() < 0 || type.asDouble() > 254))
                || (code.isNumber() && (code.asDouble() < 0 || code.asDouble() > 255))) {
            opaque(Oddity.ICMP_RANGE, name, rule.get(name));
        }
        if (type.isNumber() && !isIcmp) {
            opaque(Oddity.ICMP_WITHOUT_PROTOCOL, name, rule.get(name));
        }
    }

    private EntityMatch match(JsonNode match, String side) {
        if (Addresses.isNothing(match)) {
            return EntityMatch.ANY;
        }
        for (String name : Addresses.sorted(match)) {
            if (!KNOWN_OF_MATCH.contains(name)) {
                opaque(Oddity.UNKNOWN_FIELD, side + "." + name, match.get(name));
            }
        }
        JsonNode accounts = match.path("serviceAccounts");
        for (String name : Addresses.sorted(accounts)) {
            if (!name.equals("names") && !name.equals("selector")) {
                opaque(Oddity.UNKNOWN_FIELD, side + ".serviceAccounts." + name, accounts.get(name));
            }
        }
        if (!match.isObject()) {
            opaque(side, match);
        }
        if (!Addresses.isNothing(accounts) && !accounts.isObject()) {
            opaque(side + ".serviceAccounts", accounts);
        }
        String services = services(match, side);
        int before = others.size();
        List<String> names =
                all(accounts, "names", side + ".serviceAccounts", RuleJson::account, Oddity.SERVICE_ACCOUNT_NAME);
        boolean areNamesRead = others.size() == before; // otherwise Felix may ignore the selector as well
        List<IpPrefix> notNets = nets(match, "notNets", side);
        if (notNets.stream().anyMatch(RuleJson::isEverything)) {
            opaque(Oddity.NOT_EVERYTHING, side + ".notNets", match.get("notNets"));
            notNets = List.of();
        }
        return new EntityMatch(
                nets(match, "nets", side),
                notNets,
                text(match, "selector", side),
                text(match, "notSelector", side),
                text(match, "namespaceSelector", side),
                all(match, "ports", side, RuleJson::port, null),
                all(match, "notPorts", side, RuleJson::port, null),
                names,
                areNamesRead ? text(accounts, "selector", side + ".serviceAccounts") : "",
                services);
    }

    private String services(JsonNode match, String side) {
        JsonNode services = match.path("services");
        String name = services.path("name").asString("");
        if (!Addresses.isNothing(services)
                && (name.isEmpty() || Addresses.sorted(services).stream().anyMatch(RuleJson::isNoServiceField))) {
            opaque(Oddity.UNKNOWN_FIELD, side + ".services", services);
        }
        return name.isEmpty() ? "" : services.path("namespace").asString("") + "/" + name;
    }

    private static boolean isNoServiceField(String name) {
        return !name.equals("name") && !name.equals("namespace");
    }

    private static boolean isEverything(IpPrefix net) {
        return net.length() == (net.isIpv4() ? 96 : 0);
    }

    /** The text in a field. A value of another type counts as a condition, and the result is empty. */
    private String text(JsonNode of, String name, String side) {
        JsonNode text = of.path(name);
        if (!text.isString() && !Addresses.isNothing(text)) {
            opaque(side + "." + name, text);
        }
        return text.isString() ? text.asString("") : "";
    }

    private List<IpPrefix> nets(JsonNode match, String name, String side) {
        boolean some = Addresses.elements(match.path(name)).anyMatch(net -> net(net).isPresent());
        return all(match, name, side, RuleJson::net, some ? Oddity.NET_UNREADABLE : Oddity.NETS_ALL_UNREADABLE);
    }

    /**
     * All elements of a list. If one cannot be read, the whole list counts as a condition and the result is empty,
     * because leaving out one element would change what matches.
     */
    private <T> List<T> all(
            JsonNode of,
            String name,
            String side,
            Function<JsonNode, Optional<T>> reading,
            @Nullable Oddity unreadable) {
        JsonNode list = of.path(name);
        List<Optional<T>> elements = Addresses.elements(list).map(reading).toList();
        boolean isList = list.isArray() || Addresses.isNothing(list);
        if (!isList || elements.stream().anyMatch(Optional::isEmpty)) {
            if (isList && unreadable != null) {
                opaque(unreadable, side + "." + name, list);
            } else {
                opaque(side + "." + name, list);
            }
            return List.of();
        }
        return elements.stream().flatMap(Optional::stream).toList();
    }

    /** Clears host bits, as Calico does. A form that not all parsers read alike counts as unreadable. */
    static Optional<IpPrefix> net(JsonNode net) {
        return net.isString() && NET.matcher(net.asString()).matches()
                ? IpPrefix.covering(net.asString())
                : Optional.empty();
    }

    private static Optional<Port> port(JsonNode port) {
        try {
            return port.isNull()
                    ? Optional.of(Port.of(0))
                    : port.isString() || port.isIntegralNumber()
                            ? Optional.of(Port.parse(port.asString("")))
                            : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The name, if Felix can use it: Felix puts it in quotes and parses the result as a selector. */
    private static Optional<String> account(JsonNode name) {
        return name.isString() && name.asString().indexOf('\'') < 0 ? Optional.of(name.asString()) : Optional.empty();
    }
}
