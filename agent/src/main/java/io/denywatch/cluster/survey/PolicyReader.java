package io.denywatch.cluster.survey;

import static java.net.HttpURLConnection.HTTP_NOT_FOUND;

import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.MemoryBudget;
import io.denywatch.policy.Action;
import io.denywatch.policy.CalicoVersions;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyOddities;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Reads Calico's policies and the objects they refer to, for analysis only. Staged policies are separate kinds and are
 * not read. NetworkSets of namespaces only serve as exemptions and are never assumed to be complete.
 */
public final class PolicyReader {
    private static final String NODE_SETTINGS = "node.";

    private final ClusterConnection connection;
    private final MemoryBudget budget;

    /**
     * Creates a reader for a single use; reads nothing yet.
     *
     * @param connection not owned
     */
    public PolicyReader(ClusterConnection connection) {
        this(connection, MemoryBudget.ofHeap("Calico's policies and sets"));
    }

    PolicyReader(ClusterConnection connection, MemoryBudget budget) {
        this.connection = connection;
        this.budget = budget;
    }

    /**
     * Reads everything; may wait for seconds.
     *
     * @throws ClusterException if a kind that is served cannot be read, or all objects together are too large
     */
    public CalicoPolicies read(CalicoApi.Origin source) throws ClusterException {
        List<Oddity.Occurrence> others = new ArrayList<>();
        List<Policy> policies = new ArrayList<>(all(source, "globalnetworkpolicies", PolicyJson::policy));
        List<Policy> ofNamespaces = all(source, "networkpolicies", PolicyJson::policy);
        Set<String> logging = ofNamespaces.stream()
                .filter(PolicyReader::logs)
                .flatMap(policy -> Stream.ofNullable(policy.namespace()))
                .collect(Collectors.toSet());
        for (Policy policy : ofNamespaces) {
            if (policy.namespace() != null && logging.contains(policy.namespace())) {
                policies.add(policy);
            } else {
                PolicyOddities.of(policy).stream()
                        .filter(found -> found.oddity().consequence().isOfAll())
                        .forEach(found -> others.add(found.in("NetworkPolicy " + policy.title())));
            }
        }
        List<Tier> tiers = all(source, "tiers", object -> tier(object, others)).stream()
                .flatMap(Optional::stream)
                .toList();
        List<NetworkSet> sets = all(source, "globalnetworksets", PolicyJson::set);
        List<HostEndpoint> endpoints = all(source, "hostendpoints", PolicyJson::hostEndpoint);
        Map<String, JsonNode> settings = new HashMap<>();
        all(source, "felixconfigurations", Function.identity())
                .forEach(object ->
                        settings.put(object.path("metadata").path("name").asString(""), object));
        FelixSettings general = settings.containsKey("default")
                ? FelixSettings.DEFAULT.with(settings.get("default"))
                : FelixSettings.DEFAULT;
        Map<String, FelixSettings> ofNodes = new HashMap<>();
        Map<String, FailsafePorts> failsafePorts = new HashMap<>();
        settings.forEach((name, object) -> {
            if (name.startsWith(NODE_SETTINGS)) {
                String node = name.substring(NODE_SETTINGS.length());
                FelixSettings own = general.with(object);
                ofNodes.put(node, own);
                failsafePorts.put(node, own.failsafePorts());
            }
        });
        List<NetworkSet> namespaced = all(source, "networksets", PolicyJson::set);
        namespaced.forEach(set -> set.oddities().forEach(found -> others.add(found.in("NetworkSet " + set.name()))));
        PolicyState state = new PolicyState(
                tiers,
                policies,
                sets,
                endpoints,
                general.failsafePorts(),
                failsafePorts,
                CalicoVersions.of(source.calicoVersion()),
                others);
        return new CalicoPolicies(source, state, namespaced, general, ofNodes);
    }

    /** The tier; empty if Calico ignores it. */
    public static Optional<Tier> tier(JsonNode object, List<Oddity.Occurrence> others) {
        List<Oddity.Occurrence> oddities = new ArrayList<>();
        Tier tier = PolicyJson.tier(object, oddities);
        oddities.forEach(found -> others.add(found.in("Tier " + tier.name())));
        return oddities.stream().anyMatch(found -> found.oddity() == Oddity.METADATA)
                ? Optional.empty()
                : Optional.of(tier);
    }

    private static boolean logs(Policy policy) {
        return Stream.concat(policy.ingress().stream(), policy.egress().stream())
                .anyMatch(rule -> rule.action() == Action.LOG);
    }

    /** All objects of a kind; none if the kind is not served, such as tiers in older versions. */
    private <T> List<T> all(CalicoApi.Origin source, String plural, Function<JsonNode, T> reading)
            throws ClusterException {
        List<T> read = new ArrayList<>();
        try {
            connection.listPages("/apis/" + source.group() + "/" + source.version() + "/" + plural, budget, object -> {
                read.add(reading.apply(object));
                return MemoryBudget.sizeOf(object);
            });
        } catch (ClusterException e) {
            if (e.status() != HTTP_NOT_FOUND) {
                throw e;
            }
        }
        return read;
    }
}
