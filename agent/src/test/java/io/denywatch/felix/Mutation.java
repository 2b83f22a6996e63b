package io.denywatch.felix;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A way in which objects differ from what they should be. */
public enum Mutation {
    /** Protocols that are none, or in another spelling. */
    PROTOCOL(rule("protocol", "0", "\"0\"", "\"GRE\"", "\"ANY\"", "\"tcp\"", "6", "\"6\"", "\"TcP\"", "\"\"", "null")),
    /** Protocols that Go does not decode. */
    PROTOCOL_TYPE(rule("protocol", "6.5", "true", "-1", "256", "[]", "{}", "6.0")),
    /** The same beside a protocol. */
    NOT_PROTOCOL(rule("notProtocol", "0", "\"GRE\"", "\"UDP\"", "17", "\"icmp\"", "null")),
    /** Ports that are decoded as something else than meant. */
    PORT(element(
            List.of("ports", "notPorts"),
            "\"30000-32767\"",
            "\"http\"",
            "0",
            "\"0:80\"",
            "\"a-name-that-is-too-long\"",
            "\"HTTP\"",
            "\"a--b\"",
            "\"080\"",
            "null",
            "\"80:80\"",
            "\"123-\"",
            "\"1\"")),
    /** Ports that Go does not decode. */
    PORT_TYPE(element(
            List.of("ports", "notPorts"),
            "\"32767:30000\"",
            "70000",
            "-1",
            "\"\"",
            "80.5",
            "\"80 \"",
            "\"1:\"",
            "true",
            "{}")),
    /** Actions in another spelling, and others. */
    ACTION(rule("action", "\"deny\"", "\"DENY\"", "\"pass\"", "\"log\"", "\"\"", "null", "\"next-tier\"")),
    /** Actions at which Felix panics. */
    UNKNOWN_ACTION(rule("action", "\"Reject\"", "\"Drop\"", "\" Deny\"", "\"Deny \"")),
    /** IP versions. */
    IP_VERSION(rule("ipVersion", "5", "0", "4", "6", "null", "-4")),
    /** ICMP types with and without the protocol. */
    ICMP(rule(
            "icmp",
            "{\"type\":8}",
            "{\"type\":255}",
            "{\"code\":0}",
            "{\"type\":8,\"code\":0}",
            "{}",
            "{\"type\":-1}")),
    /** The same negated. */
    NOT_ICMP(rule("notICMP", "{\"type\":8}", "{\"type\":128,\"code\":1}", "{\"code\":0}", "{}", "{\"code\":256}")),
    /** What only another data plane understands. */
    HTTP(rule("http", "{\"methods\":[\"GET\"]}", "{\"paths\":[{\"exact\":\"/\"}]}", "{}")),
    /** Fields that no release has. */
    UNKNOWN_FIELD(rule("weekdays", "[\"Monday\"]", "null", "\"\"")),
    /** The names of fields in another case, which are unknown. */
    FIELD_CASE(rule("Protocol", "\"UDP\"", "6")),
    /** Nets of both versions, unreadable ones and ones with host bits. */
    NETS(element(
            List.of("nets", "notNets"),
            "\"2001:db8::/127\"",
            "\"10.0.0.0/33\"",
            "\"host\"",
            "\"10.0.0.1/31\"",
            "\"\"",
            "null",
            "\"0.0.0.0/0\"",
            "\"::/0\"",
            "\"10.0.0.1\"",
            "\"10.0.0.01/32\"",
            "\"10.0.0.0/\"",
            "\"::ffff:10.0.0.0/104\"",
            "\"::ffff:10.0.0.0/8\"",
            "\" 10.0.0.0/8\"")),
    /** Selectors of rules. */
    SELECTOR(side(
            "selector",
            "\"all( )\"",
            "\"global()\"",
            "\"a ==\"",
            "\"a == '1'\\n\"",
            "\"!all()\"",
            "\" \"",
            "\"a == 'all()'\"")),
    /** Negated ones. */
    NOT_SELECTOR(side("notSelector", "\" \"", "\"all()\"", "\"!all()\"", "\"a =\"", "\"has(a)\"", "\"global()\"")),
    /** Selectors of namespaces. */
    NAMESPACE_SELECTOR(side(
            "namespaceSelector",
            "\" \"",
            "\"all()\"",
            "\"global( )\"",
            "\"team == 'x'\"",
            "\"team =\"",
            "\"!global()\"")),
    /** Service accounts. */
    ACCOUNTS(side(
            "serviceAccounts",
            "{\"names\":[\"x' }) || all() || (x in {'\"]}",
            "{\"names\":[\"x'y\"],\"selector\":\"app == 'y'\"}",
            "{\"names\":[\"default\"]}",
            "{\"names\":[\"x'y\"]}",
            "{}",
            "{\"selector\":\"app == 'x'\"}",
            "{\"names\":[],\"selector\":\"\"}",
            "{\"selector\":\"a =\"}")),
    /** Services. */
    SERVICES(side("services", "{\"name\":\"web\",\"namespace\":\"shop\"}", "{}", "{\"namespace\":\"shop\"}", "null")),
    /** What is not text where text should be, and so on. */
    RULE_TYPE(side("selector", "5", "[]", "{}", "true")),
    /** Rules that are nothing. */
    NULL_RULE((objects, random) -> {
        List<ArrayNode> lists = arrays(objects.policies(), List.of("ingress", "egress"));
        ArrayNode list = lists.get(random.nextInt(lists.size()));
        list.insertNull(random.nextInt(list.size() + 1));
    }),
    /** Orders. */
    ORDER(spec("order", "null", "-0.0", "1e300", "-5", "0.5")),
    /** Orders that Go does not decode. */
    ORDER_TYPE(spec("order", "\"100\"", "\"NaN\"", "true", "{}")),
    /** Tiers that the name does not tell, and ones that do not exist. */
    TIER(spec("tier", "\"first\"", "\"\"", "\"default\"", "\"team\"", "null", "\"Default\"")),
    /** Names whose dots mean a tier. */
    NAME((objects, random) -> ((ObjectNode) any(objects.policies(), random).get("metadata"))
            .put(
                    "name",
                    List.of("team.x", "first.x", "open.x", "default.a.b", "knp.default.x", "ossg.x", "x")
                            .get(random.nextInt(7)))),
    /** Metadata that Calico cannot read. */
    ANNOTATION((objects, random) -> ((ObjectNode)
                    any(anyKind(objects, random), random).get("metadata"))
            .putObject("annotations")
            .put(
                    "projectcalico.org/metadata",
                    List.of("{", "{\"labels\":5}", "", "{\"labels\":{\"role\":\"x\"}}")
                            .get(random.nextInt(4)))),
    /** Directions. */
    TYPES(spec(
            "types",
            "[]",
            "null",
            "[\"ingress\"]",
            "[\"Ingress\",\"Egress\"]",
            "[\"\"]",
            "[\"Forward\"]",
            "[\"Egress\"]",
            "[\"Ingress\",\"Ingress\"]",
            "[null]")),
    /** Stages. */
    PRE_DNAT(spec("preDNAT", "true", "false", "null")),
    /** Stages. */
    DO_NOT_TRACK(spec("doNotTrack", "true", "false", "null")),
    /** Stages. */
    APPLY_ON_FORWARD(spec("applyOnForward", "true", "false", "null")),
    /** Flags that are none. */
    FLAG_TYPE(spec("preDNAT", "\"true\"", "1")),
    /** Hints. */
    HINTS(spec(
            "performanceHints",
            "[\"AssumeNeededOnEveryNode\"]",
            "[\"x\"]",
            "[]",
            "null",
            "[\"AssumeNeededOnEveryNode\",\"AssumeNeededOnEveryNode\"]")),
    /** What policies select. */
    POLICY_SELECTOR(spec(
            "selector",
            "\" \"",
            "\"all( )\"",
            "\"all()\"",
            "\"\"",
            "\"role ==\"",
            "\"global()\"",
            "\"role == 'public'\\n\"",
            "null",
            "\"!!has(role)\"",
            "\"has( role )\"",
            "\"role notin {'x'}\"",
            "\"role == 'all()' || has(role)\"")),
    /** In which namespaces. */
    POLICY_NAMESPACES(spec(
            "namespaceSelector",
            "\"  \"",
            "\"all()\"",
            "\"global()\"",
            "\"team == 'x'\"",
            "\"team =\"",
            "\"\"",
            "\"!all()\"")),
    /** As which service accounts. */
    POLICY_ACCOUNTS(spec("serviceAccountSelector", "\"all()\"", "\"app == 'x'\"", "\"app =\"", "\"\"")),
    /** Both, with a selector of everything. */
    POLICY_ALL(
            (objects, random) -> ((ObjectNode) any(objects.policies(), random).get("spec"))
                    .put("selector", random.nextBoolean() ? "all( )" : "all()")
                    .put("namespaceSelector", "all()")),
    /** Fields of policies that no release has. */
    POLICY_FIELD(spec("logPrefix", "\"x\"", "null")),
    /** Host endpoints. */
    ENDPOINT((objects, random) -> change(
            any(objects.endpoints(), random),
            random,
            "interfaceName",
            "\"an-interface-name-that-is-too-long\"",
            "node",
            "\"\"",
            "node",
            "null",
            "profiles",
            "[\"a b\"]",
            "profiles",
            "[]",
            "profiles",
            "null",
            "interfaceName",
            "\"\"",
            "ports",
            "[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":80}]",
            "ports",
            "[{\"name\":\"http\",\"protocol\":\"ICMP\",\"port\":80}]",
            "expectedIPs",
            "[\"10.0.0.1\",\"x\"]",
            "profiles",
            "[\"projectcalico-default-allow\",\"x\"]")),
    /** Their labels. */
    LABELS((objects, random) -> ((ObjectNode)
                    any(anyKind(objects, random), random).get("metadata"))
            .putObject("labels")
            .put("role", List.of("public", "not a value!", "").get(random.nextInt(3)))
            .put(random.nextBoolean() ? "a" : "projectcalico.org/namespace", "1")),
    /** Host endpoints that Go does not decode. */
    ENDPOINT_TYPE((objects, random) -> change(
            any(objects.endpoints(), random),
            random,
            "profiles",
            "\"x\"",
            "ports",
            "[{\"port\":70000}]",
            "expectedIPs",
            "[5]",
            "node",
            "7")),
    /** Network sets. */
    SET((objects, random) -> change(
            any(objects.sets(), random),
            random,
            "nets",
            "[]",
            "nets",
            "null",
            "nets",
            "[\"10.0.0.0/99\",\"10.0.0.2\"]",
            "nets",
            "[\"0.0.0.0/0\"]",
            "nets",
            "[null]")),
    /** Network sets that Go does not decode. */
    SET_TYPE((objects, random) -> change(any(objects.sets(), random), random, "nets", "\"10.0.0.0/8\"", "nets", "[7]")),
    /** Tiers. */
    TIER_OBJECT((objects, random) -> change(
            any(objects.tiers(), random),
            random,
            "order",
            "null",
            "order",
            "50",
            "defaultAction",
            "\"pass\"",
            "defaultAction",
            "\"Allow\"",
            "defaultAction",
            "null",
            "defaultAction",
            "\"Pass\"",
            "order",
            "2000000",
            "order",
            "100")),
    /** Tiers that are not there. */
    TIER_GONE((objects, random) ->
            objects.tiers().remove(random.nextInt(objects.tiers().size())));

    private interface Change {
        void apply(Objects objects, Random random);
    }

    @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
    private final transient Change change;

    Mutation(Change change) {
        this.change = change;
    }

    /** Whether objects that Felix cannot decode, or would panic at, come of it: nothing can be proven then. */
    public boolean isFatal() {
        return name().endsWith("_TYPE") || this == UNKNOWN_ACTION;
    }

    /** Whether it changes tiers, which there may be none of. */
    public boolean needsTiers() {
        return this == TIER_OBJECT || this == TIER_GONE;
    }

    /** Changes one thing. */
    public void apply(Objects objects, Random random) {
        change.apply(objects, random);
    }

    private static List<JsonNode> anyKind(Objects objects, Random random) {
        List<List<JsonNode>> kinds =
                objects.kinds().stream().filter(kind -> !kind.isEmpty()).toList();
        return kinds.get(random.nextInt(kinds.size()));
    }

    private static JsonNode any(List<JsonNode> objects, Random random) {
        return objects.get(random.nextInt(objects.size()));
    }

    private static void change(JsonNode object, Random random, String... namesAndValues) {
        int at = random.nextInt(namesAndValues.length / 2) * 2;
        ((ObjectNode) object.get("spec")).set(namesAndValues[at], Objects.JSON.readTree(namesAndValues[at + 1]));
    }

    private static Change spec(String name, String... values) {
        return (objects, random) -> set(any(objects.policies(), random).get("spec"), name, values, random);
    }

    private static void set(JsonNode into, String name, String[] values, Random random) {
        ((ObjectNode) into).set(name, Objects.JSON.readTree(values[random.nextInt(values.length)]));
    }

    private static Change rule(String name, String... values) {
        return (objects, random) -> set(anyRule(objects, random), name, values, random);
    }

    private static JsonNode anyRule(Objects objects, Random random) {
        List<JsonNode> rules = new ArrayList<>();
        arrays(objects.policies(), List.of("ingress", "egress"))
                .forEach(list -> list.forEach(rule -> {
                    if (rule.isObject()) {
                        rules.add(rule);
                    }
                }));
        return rules.isEmpty() ? JsonNodeFactory.instance.objectNode() : rules.get(random.nextInt(rules.size()));
    }

    private static JsonNode anySide(Objects objects, Random random) {
        ObjectNode rule = (ObjectNode) anyRule(objects, random);
        String side = random.nextInt(3) == 0 ? "destination" : "source";
        return rule.path(side).isObject() ? rule.get(side) : rule.putObject(side);
    }

    private static Change side(String name, String... values) {
        return (objects, random) -> set(anySide(objects, random), name, values, random);
    }

    /** Replaces an element of a list, or adds one, in a rule that has such a list. */
    private static Change element(List<String> names, String... values) {
        return (objects, random) -> {
            JsonNode value = Objects.JSON.readTree(values[random.nextInt(values.length)]);
            List<ArrayNode> lists = arrays(objects.policies(), names);
            ArrayNode list = lists.isEmpty()
                    ? ((ObjectNode) anySide(objects, random)).putArray(names.getFirst())
                    : lists.get(random.nextInt(lists.size()));
            if (list.isEmpty() || random.nextInt(3) == 0) {
                list.add(value);
            } else {
                list.set(random.nextInt(list.size()), value);
            }
        };
    }

    private static List<ArrayNode> arrays(List<JsonNode> in, List<String> names) {
        List<ArrayNode> found = new ArrayList<>();
        for (JsonNode object : in) {
            names.forEach(name -> object.findValues(name).forEach(value -> {
                if (value instanceof ArrayNode array) {
                    found.add(array);
                }
            }));
        }
        return found;
    }
}
