package io.denywatch.felix;

import io.denywatch.felix.Typed.Undecodable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * From objects of {@code crd.projectcalico.org/v1} to what Felix works with: libcalico-go/lib/backend/syncersv1/
 * updateprocessors and api/pkg/lib/numorstring.
 */
final class Conversion {
    private static final String NAMESPACE = "projectcalico.org/namespace";
    private static final String SERVICE_ACCOUNT = "projectcalico.org/serviceaccount";
    private static final Pattern RANGE = Pattern.compile("(\\d+):(\\d+)");
    private static final Pattern PORT_NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");

    private final Release release;

    Conversion(Release release) {
        this.release = release;
    }

    Model.Policy policy(int id, Metadata metadata, JsonNode object) {
        Typed spec = Typed.of(object).struct("spec");
        String tier = release.hasTiers() ? spec.text("tier") : "";
        String selector = spec.text("selector");
        String inNamespaces = spec.text("namespaceSelector");
        if (!inNamespaces.isEmpty()) {
            selector = appended(selector, inNamespaces, "pcns.").replace("all()", "has(" + NAMESPACE + ")");
        }
        String asAccounts = spec.text("serviceAccountSelector");
        if (!asAccounts.isEmpty()) {
            selector = appended(selector, asAccounts, "pcsa.").replace("all()", "has(" + SERVICE_ACCOUNT + ")");
        }
        Double order = spec.real("order");
        return new Model.Policy(
                id,
                metadata.name(),
                switch (release) {
                    case V3_28_5 -> "default";
                    case V3_31_7 -> tierOfName(metadata.name());
                    case V3_32_1 -> tier.isEmpty() ? "default" : tier;
                },
                order == null ? Double.POSITIVE_INFINITY : order + 0.0, // -0.0 and 0.0 are the same
                selector,
                spec.texts("types").stream()
                        .map(type -> type.toLowerCase(Locale.ROOT))
                        .toList(),
                spec.flag("doNotTrack"),
                spec.flag("preDNAT"),
                spec.flag("applyOnForward"),
                spec.texts("performanceHints"),
                spec.list("ingress", rule -> rule(Typed.of(rule))),
                spec.list("egress", rule -> rule(Typed.of(rule))));
    }

    /** libcalico-go/lib/names/policy.go. */
    private static String tierOfName(String name) {
        if (name.startsWith("knp.default.") || name.startsWith("ossg.")) {
            return "default";
        }
        if (name.startsWith("kanp.adminnetworkpolicy.")) {
            return "adminnetworkpolicy";
        }
        if (name.startsWith("kbanp.baselineadminnetworkpolicy.")) {
            return "baselineadminnetworkpolicy";
        }
        int dot = name.indexOf('.');
        return dot < 0 ? "default" : name.substring(0, dot);
    }

    private String appended(String selector, String other, String prefix) {
        String prefixed = prefixed(other, prefix);
        if (prefixed.isEmpty()) {
            return selector;
        }
        return selector.isEmpty() ? prefixed : "(" + selector + ") && " + prefixed;
    }

    /** The normal form over prefixed labels; empty where it cannot be parsed. */
    private String prefixed(String selector, String prefix) {
        return ExprParser.parse(selector, release)
                .map(expr -> expr.prefixed(prefix).text())
                .orElse("");
    }

    private Model.Rule rule(Typed rule) {
        String action = rule.text("action");
        checkUnused(rule);
        return new Model.Rule(
                action.equals("Pass") ? "next-tier" : action.toLowerCase(Locale.ROOT),
                rule.integer("ipVersion"),
                protocol(rule, "protocol"),
                protocol(rule, "notProtocol"),
                icmp(rule, "icmp"),
                icmp(rule, "notICMP"),
                side(rule.struct("source")),
                side(rule.struct("destination")));
    }

    /** What the iptables data plane has no use for is decoded all the same. */
    private static void checkUnused(Typed rule) {
        Typed http = rule.struct("http");
        http.texts("methods");
        http.list("paths", path -> Typed.of(path).text("exact") + Typed.of(path).text("prefix"));
        rule.struct("metadata").textMap("annotations");
    }

    private static Model.Icmp icmp(Typed rule, String name) {
        Typed fields = rule.struct(name);
        return new Model.Icmp(fields.integer("type"), fields.integer("code"));
    }

    private static Model.@Nullable Protocol protocol(Typed rule, String name) {
        return rule.has(name) ? protocol(rule.node().get(name)) : null;
    }

    private static Model.Protocol protocol(JsonNode value) {
        if (value.isNull() || value.isMissingNode()) {
            return new Model.Protocol(0, "");
        }
        if (value.isString()) {
            String text = value.asString();
            boolean number = text.matches("[0-9]{1,12}") && Long.parseLong(text) <= 255;
            return number ? new Model.Protocol(Integer.parseInt(text), "") : Model.Protocol.named(text);
        }
        return new Model.Protocol((int) Typed.integerOf(value, 0, 255), "");
    }

    private Model.Side side(Typed side) {
        Typed accounts = side.struct("serviceAccounts");
        Typed service = side.struct("services");
        String selector = side.text("selector");
        String inNamespaces = side.text("namespaceSelector");
        String accountSelector = accounts.text("selector");
        service.text("namespace");
        return new Model.Side(
                cidrs(side.texts("nets")),
                cidrs(side.texts("notNets")),
                joined(inNamespaces, accounts(accounts.texts("names"), accountSelector), selector),
                side.text("notSelector"),
                side.list("ports", Conversion::port),
                side.list("notPorts", Conversion::port),
                service.text("name").isEmpty() ? "" : service.text("namespace") + "/" + service.text("name"),
                List.of(selector, inNamespaces, accountSelector, side.text("notSelector")));
    }

    private static List<Cidr> cidrs(List<String> texts) {
        return texts.stream().flatMap(text -> Cidr.parse(text).stream()).toList();
    }

    private String accounts(List<String> names, String selector) {
        String prefixed = selector.isEmpty() ? "" : prefixed(selector, "pcsa.");
        if (names.isEmpty()) {
            return prefixed;
        }
        Optional<Expr> named =
                ExprParser.parse(SERVICE_ACCOUNT + " in { '" + String.join("', '", names) + "' }", release);
        if (named.isEmpty()) {
            return "";
        }
        return prefixed.isEmpty()
                ? named.get().text()
                : "(" + prefixed + ") && (" + named.get().text() + ")";
    }

    private String joined(String inNamespaces, String accounts, String selector) {
        String namespaces = inNamespaces.isEmpty()
                ? ""
                : prefixed(inNamespaces, "pcns.")
                        .replace("all()", "has(" + NAMESPACE + ")")
                        .replace("global()", "!has(" + NAMESPACE + ")");
        List<String> parts =
                Stream.of(accounts, selector).filter(part -> !part.isEmpty()).toList();
        String both = parts.size() == 2 ? "(" + parts.get(0) + ") && (" + parts.get(1) + ")" : String.join("", parts);
        if (namespaces.isEmpty()) {
            return both;
        }
        return both.isEmpty() ? namespaces : "(" + namespaces + ") && (" + both + ")";
    }

    private static Model.Port port(JsonNode value) {
        if (value.isNull()) {
            return new Model.Port(0, 0, "");
        }
        if (!value.isString()) {
            int number = (int) Typed.integerOf(value, 0, 65_535);
            return new Model.Port(number, number, "");
        }
        String text = value.asString();
        if (text.matches("[0-9]+")) {
            int number = uint16(text);
            return new Model.Port(number, number, "");
        }
        Matcher range = RANGE.matcher(text);
        if (range.matches()) {
            int first = uint16(range.group(1));
            int last = uint16(range.group(2));
            if (first > last) {
                throw new Undecodable("port range " + text);
            }
            return new Model.Port(first, last, "");
        }
        if (!PORT_NAME.matcher(text).matches()) {
            throw new Undecodable("port name " + text);
        }
        return new Model.Port(0, 0, text);
    }

    private static int uint16(String digits) {
        String number = digits.replaceFirst("^0+(?=.)", "");
        if (number.length() > 5 || Integer.parseInt(number) > 65_535) {
            throw new Undecodable("port " + digits);
        }
        return Integer.parseInt(number);
    }

    static Model.HostEndpoint hostEndpoint(Metadata metadata, JsonNode object) {
        Typed spec = Typed.of(object).struct("spec");
        List<byte[]> addresses = new ArrayList<>();
        for (String text : spec.texts("expectedIPs")) {
            Cidr.address(text).flatMap(_ -> Cidr.parse(text)).ifPresent(cidr -> addresses.add(cidr.network()));
        }
        return new Model.HostEndpoint(
                metadata.name(),
                spec.text("node"),
                spec.text("interfaceName"),
                addresses,
                metadata.labels(),
                spec.texts("profiles"),
                spec.list("ports", Conversion::endpointPort));
    }

    private static Model.EndpointPort endpointPort(JsonNode value) {
        Typed port = Typed.of(value);
        JsonNode number = port.node().path("port");
        return new Model.EndpointPort(
                port.text("name"),
                protocol(port.node().path("protocol")),
                number.isNull() || number.isMissingNode() ? 0 : Typed.integerOf(number, 0, 65_535));
    }

    static Model.NetworkSet networkSet(Metadata metadata, JsonNode object) {
        return new Model.NetworkSet(
                metadata.labels(), cidrs(Typed.of(object).struct("spec").texts("nets")));
    }

    static Model.Tier tier(Metadata metadata, JsonNode object) {
        Typed spec = Typed.of(object).struct("spec");
        return new Model.Tier(
                metadata.name(), spec.real("order"), spec.text("defaultAction").equals("Pass"));
    }

    /** Name and labels; as Go decodes them, and with those of the annotation, which win. */
    record Metadata(String name, Map<String, String> labels) {
        private static final String KEPT = "projectcalico.org/metadata";

        /** Empty where the annotation cannot be read: libcalico-go/lib/backend/k8s/resources then skips the object. */
        static Optional<Metadata> of(JsonNode object) {
            Typed metadata = Typed.of(object).struct("metadata");
            Map<String, String> labels = new HashMap<>(metadata.textMap("labels"));
            String kept = metadata.textMap("annotations").get(KEPT);
            if (kept != null) {
                if (kept.isBlank()) {
                    return Optional.empty();
                }
                try {
                    Typed given = Typed.of(Objects.JSON.readTree(kept));
                    given.text("name");
                    given.textMap("annotations");
                    labels.putAll(given.textMap("labels"));
                } catch (Undecodable | tools.jackson.core.JacksonException e) {
                    return Optional.empty();
                }
            }
            return Optional.of(new Metadata(metadata.text("name"), labels));
        }
    }
}
