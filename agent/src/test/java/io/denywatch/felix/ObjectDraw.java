package io.denywatch.felix;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Random objects of a small world, all valid. Confined to the thread that draws. */
public final class ObjectDraw {
    /** The node whose host endpoints they have. */
    public static final String NODE = "n1";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> V4 =
            List.of("10.0.0.0/31", "10.0.0.0/32", "10.0.0.2/32", "10.0.0.0/8", "0.0.0.0/0", "192.0.2.1/32");
    private static final List<String> V6 = List.of("2001:db8::/127", "2001:db8::/32", "::/0");
    private static final List<String> SELECTORS =
            List.of("has(a)", "a == '1'", "a != '1'", "a in {'1', '2'}", "role == 'public'", "all()", "!has(role)");
    private static final List<String> ENDPOINTS = List.of("role == 'public'", "has(role)", "role in {'public', 'x'}");

    /** Names whose order depends on what is put in front of them, or after them. */
    private static final List<String> NAMES = List.of("a", "a-in", "c", "default", "default-in", "e", "e-in", "z");

    private final Random random;
    private final boolean tiers;
    private final boolean stored;
    private final List<String> names = new ArrayList<>(NAMES);

    /**
     * Nothing is drawn yet.
     *
     * @param tiers whether there are others than the default one
     * @param stored whether names are those under which policies are stored: some with the default tier in front
     */
    public ObjectDraw(Random random, boolean tiers, boolean stored) {
        this.random = random;
        this.tiers = tiers;
        this.stored = stored;
    }

    /** A cluster's objects. */
    public Objects objects() {
        List<JsonNode> policies = new ArrayList<>();
        int kind = random.nextInt(8);
        Collections.shuffle(names, random);
        for (int i = random.nextInt(4); i >= 0; i--) {
            policies.add(policy(policies.size(), kind));
        }
        return new Objects(policies, tiers(), endpoints(kind), sets());
    }

    private boolean chance(int n) {
        return random.nextInt(n) == 0;
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static ObjectNode object(String name) {
        ObjectNode object = JSON.objectNode();
        object.putObject("metadata").put("name", name);
        object.putObject("spec");
        return object;
    }

    private static ObjectNode spec(ObjectNode object) {
        return (ObjectNode) object.get("spec");
    }

    private List<JsonNode> tiers() {
        List<JsonNode> all = new ArrayList<>();
        if (tiers) {
            all.add(tier("default", 1_000_000, "Deny"));
            all.add(tier("first", 100, "Deny"));
            all.add(tier("open", 200, "Pass"));
        }
        return all;
    }

    private static ObjectNode tier(String name, int order, String action) {
        ObjectNode tier = object(name);
        spec(tier).put("order", order).put("defaultAction", action);
        return tier;
    }

    private List<JsonNode> endpoints(int kind) {
        List<JsonNode> endpoints = new ArrayList<>();
        endpoints.add(endpoint("n1-a", NODE, kind == 7 || chance(2) ? "eth0" : "*", "public"));
        if (chance(3)) {
            endpoints.add(endpoint("n1-b", NODE, "eth1", chance(2) ? "private" : "public"));
        }
        if (chance(4)) {
            endpoints.add(endpoint("n2-a", "n2", "*", "public"));
        }
        return endpoints;
    }

    private ObjectNode endpoint(String name, String node, String interfaceName, String role) {
        ObjectNode endpoint = object(name);
        ObjectNode labels = ((ObjectNode) endpoint.get("metadata")).putObject("labels");
        labels.put("role", role);
        if (chance(4)) {
            labels.put("a", "1");
        }
        spec(endpoint).put("node", node).put("interfaceName", interfaceName);
        if (chance(2)) {
            spec(endpoint).putArray("expectedIPs").add("192.0.2.1");
        }
        if (!chance(4)) {
            spec(endpoint).putArray("profiles").add(chance(8) ? "kns.shop" : "projectcalico-default-allow");
        }
        return endpoint;
    }

    private List<JsonNode> sets() {
        ObjectNode set = object("set");
        ((ObjectNode) set.get("metadata")).putObject("labels").put("a", "1");
        spec(set).putArray("nets").add("10.0.0.1/32").add("2001:db8::/128");
        return new ArrayList<>(List.of(set));
    }

    /** Kinds 0 to 4 are preDNAT, 5 and 6 filter, 7 mixed. */
    private ObjectNode policy(int number, int kind) {
        String tier = tiers && chance(4) ? chance(2) ? "first" : "open" : "default";
        String plain = names.get(number);
        ObjectNode policy = object(tier.equals("default") ? plain : tier + "." + plain);
        ObjectNode metadata = (ObjectNode) policy.get("metadata");
        if (stored && tier.equals("default") && chance(2)) {
            metadata.put("name", "default." + plain);
            if (tiers) {
                metadata.putObject("annotations")
                        .put("projectcalico.org/metadata", "{\"name\":\"" + plain + "\",\"labels\":{\"a\":\"1\"}}");
            }
        }
        ObjectNode spec = spec(policy);
        if (tiers && (!tier.equals("default") || chance(2))) {
            spec.put("tier", tier);
        }
        if (!chance(8)) {
            spec.put("order", random.nextInt(3) * 100);
        }
        int stage = kind < 5 ? 1 : kind < 7 ? 2 : random.nextInt(3);
        String selector = chance(6) ? "role == 'private'" : pick(ENDPOINTS);
        spec.put("selector", stage == 2 && !chance(6) ? selector + " && !has(projectcalico.org/namespace)" : selector);
        boolean egress = stage != 1 && chance(5);
        spec.putArray("types").add(egress ? "Egress" : "Ingress");
        if (stage < 2) {
            spec.put(stage == 0 ? "doNotTrack" : "preDNAT", true).put("applyOnForward", true);
        } else if (chance(2)) {
            spec.put("applyOnForward", true);
        }
        spec.set(egress ? "egress" : "ingress", rules());
        return policy;
    }

    private ArrayNode rules() {
        ArrayNode rules = JSON.arrayNode();
        for (int i = random.nextInt(3); i >= 0; i--) {
            ObjectNode rule = rule();
            if (chance(2)) {
                rules.add(rule.deepCopy().put("action", "Log"));
                rule.put("action", chance(4) ? "Allow" : "Deny");
            }
            rules.add(rule);
        }
        return rules;
    }

    private ObjectNode rule() {
        ObjectNode rule = JSON.objectNode();
        rule.put("action", pick(List.of("Log", "Deny", "Deny", "Deny", "Allow", "Pass")));
        boolean ports = chance(2);
        if (ports) {
            rule.put("protocol", pick(List.of("TCP", "TCP", "TCP", "UDP", "SCTP")));
        } else if (chance(6)) {
            rule.put(chance(3) ? "notProtocol" : "protocol", pick(List.of("TCP", "ICMP", "ICMPv6", "UDP", "UDPLite")));
        }
        int version = chance(6) ? 4 : 0;
        if (version != 0) {
            rule.put("ipVersion", version);
        }
        boolean six = version == 0 && chance(5);
        if (chance(2)) {
            rule.set("source", side(six, ports && chance(8)));
        }
        if (chance(2)) {
            rule.set("destination", side(six, ports && !chance(4)));
        }
        return rule;
    }

    private ObjectNode side(boolean six, boolean ports) {
        ObjectNode side = JSON.objectNode();
        if (ports) {
            ArrayNode list = side.putArray(chance(5) ? "notPorts" : "ports");
            switch (random.nextInt(5)) {
                case 0 -> list.add("79:80");
                case 1 -> list.add(80).add("30000:32767");
                case 2 -> list.add("http");
                default -> list.add(80);
            }
        }
        String net = pick(six ? V6 : V4);
        switch (random.nextInt(9)) {
            case 0, 1 -> side.putArray("nets").add(net);
            case 2 -> side.putArray("nets").add(net).add(pick(six ? V6 : V4));
            case 3 -> side.putArray("notNets").add(net.endsWith("/0") ? six ? V6.getFirst() : V4.getFirst() : net);
            case 4 -> side.put("selector", pick(SELECTORS));
            case 5 -> side.put("selector", pick(SELECTORS)).put("namespaceSelector", "global()");
            case 6 -> side.put("notSelector", pick(SELECTORS));
            case 7 -> side.put("selector", pick(SELECTORS)).put("notSelector", pick(SELECTORS));
            default -> {}
        }
        return side;
    }
}
