package io.denywatch.felix;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a cluster holds.
 *
 * @param policies GlobalNetworkPolicies
 * @param tiers all tiers
 * @param endpoints HostEndpoints
 * @param sets GlobalNetworkSets
 */
public record Objects(List<JsonNode> policies, List<JsonNode> tiers, List<JsonNode> endpoints, List<JsonNode> sets) {
    static final JsonMapper JSON = new JsonMapper();

    /** The lists of all kinds, policies first. */
    public List<List<JsonNode>> kinds() {
        return List.of(policies, tiers, endpoints, sets);
    }

    /** One that shares nothing with it. */
    public Objects copy() {
        return new Objects(copy(policies), copy(tiers), copy(endpoints), copy(sets));
    }

    private static List<JsonNode> copy(List<JsonNode> objects) {
        return new ArrayList<>(objects.stream().map(JsonNode::deepCopy).toList());
    }

    /**
     * What is stored where these are what {@code projectcalico.org/v3} shows: libcalico-go/lib/names and lib/clientv3 put
     * the tier in front of the names of policies.
     *
     * @param former which policies are of releases before v3.32.1, which stores them as they are named
     */
    public Objects stored(Release release, IntPredicate former) {
        Objects stored = copy();
        for (int i = 0; i < policies.size(); i++) {
            ObjectNode metadata = (ObjectNode) stored.policies.get(i).get("metadata");
            String name = metadata.path("name").asString("");
            boolean asIs = name.startsWith("knp.default.") || name.startsWith("ossg.");
            boolean prefixed = switch (release) {
                case V3_28_5 -> true;
                case V3_31_7 -> name.indexOf('.') < 0;
                case V3_32_1 -> name.indexOf('.') < 0 && former.test(i);
            };
            metadata.put("name", prefixed && !asIs ? "default." + name : name);
        }
        return stored;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        kinds().forEach(kind -> kind.forEach(object -> text.append(object).append('\n')));
        return text.toString();
    }
}
