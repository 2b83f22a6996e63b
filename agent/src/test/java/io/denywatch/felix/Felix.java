package io.denywatch.felix;

import io.denywatch.felix.Conversion.Metadata;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A node's Felix with an iptables data plane: what it makes of the objects of a cluster, and what becomes of packets.
 * Failsafe ports are left out: packets to them are treated as all others.
 */
final class Felix {
    /** Felix does not get as far as to program what the objects say; what the kernel holds then is not known. */
    static final class Stuck extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stuck(String why) {
            super(why);
        }
    }

    /** A policy with its rules rendered. */
    record Rendered(Model.Policy policy, Expr selector, List<RenderedRule> inbound, List<RenderedRule> outbound) {
        List<RenderedRule> rules(boolean ingress) {
            return ingress ? inbound : outbound;
        }
    }

    /** A tier with the policies that it holds, in order. */
    record Section(String name, boolean pass, List<Rendered> policies) {}

    private final Release release;
    private final String node;
    private final List<Section> sections;
    private final List<Model.HostEndpoint> endpoints;
    private final List<Model.NetworkSet> sets;
    private final Map<String, List<Map<String, String>>> known = new HashMap<>();

    /**
     * Reads all objects as they are stored.
     *
     * @throws Stuck if Felix would never be in sync, or panic
     */
    Felix(Release release, Objects objects, String node) {
        this.release = release;
        this.node = node;
        Conversion conversion = new Conversion(release);
        Validation validation = new Validation(release);
        List<Model.Policy> policies = new ArrayList<>();
        List<Model.Tier> tiers = new ArrayList<>();
        try {
            for (int i = 0; i < objects.policies().size(); i++) {
                int id = i;
                JsonNode object = objects.policies().get(i);
                Optional<Metadata> metadata = Metadata.of(object);
                // Decoded even if skipped: the list is decoded first.
                Model.Policy policy = conversion.policy(id, metadata.orElse(new Metadata("", Map.of())), object);
                metadata.filter(_ -> validation.accepts(policy)).ifPresent(_ -> policies.add(policy));
            }
            endpoints = all(objects.endpoints(), Conversion::hostEndpoint).stream()
                    .filter(validation::accepts)
                    .toList();
            sets = all(objects.sets(), Conversion::networkSet).stream()
                    .filter(validation::accepts)
                    .toList();
            tiers.addAll(release.hasTiers() ? all(objects.tiers(), Conversion::tier) : List.of());
        } catch (Typed.Undecodable e) {
            throw new Stuck("list cannot be decoded: " + e.getMessage());
        }
        sections = sections(policies, tiers);
    }

    private static <T> List<T> all(List<JsonNode> objects, BiFunction<Metadata, JsonNode, T> reading) {
        List<T> read = new ArrayList<>();
        for (JsonNode object : objects) {
            Optional<Metadata> metadata = Metadata.of(object);
            T one = reading.apply(metadata.orElse(new Metadata("", Map.of())), object);
            metadata.ifPresent(_ -> read.add(one));
        }
        return read;
    }

    /** felix/calc/policy_sorter.go: tiers that do not exist come last, and drop at their end. */
    private List<Section> sections(List<Model.Policy> policies, List<Model.Tier> tiers) {
        Comparator<Model.Policy> evaluation =
                Comparator.comparingDouble(Model.Policy::order).thenComparing(policy -> release.sortKey(policy.name()));
        List<Rendered> all =
                policies.stream().sorted(evaluation).map(this::rendered).toList();
        all.stream()
                .filter(this::isActive)
                .flatMap(policy -> Stream.concat(policy.inbound().stream(), policy.outbound().stream()))
                .filter(RenderedRule::isFatal)
                .findFirst()
                .ifPresent(rule -> {
                    throw new Stuck("panic: a rule with action " + rule.action() + " cannot be programmed");
                });
        List<Model.Tier> order = new ArrayList<>(tiers);
        order.sort(Comparator.<Model.Tier>comparingDouble(
                        tier -> tier.order() == null ? Double.POSITIVE_INFINITY : tier.order())
                .thenComparing(Model.Tier::name));
        policies.stream()
                .map(Model.Policy::tier)
                .distinct()
                .filter(name -> tiers.stream().noneMatch(tier -> tier.name().equals(name)))
                .sorted()
                .forEach(name -> order.add(new Model.Tier(name, null, false)));
        return order.stream()
                .map(tier -> new Section(
                        tier.name(),
                        tier.pass(),
                        all.stream()
                                .filter(policy -> policy.policy().tier().equals(tier.name()))
                                .toList()))
                .toList();
    }

    private Rendered rendered(Model.Policy policy) {
        return new Rendered(
                policy,
                ExprParser.parse(policy.selector(), release).orElseThrow(),
                policy.inbound().stream()
                        .map(rule -> new RenderedRule(rule, release))
                        .toList(),
                policy.outbound().stream()
                        .map(rule -> new RenderedRule(rule, release))
                        .toList());
    }

    /** Only what selects an endpoint of the node is rendered, or what asks to be. */
    private boolean isActive(Rendered policy) {
        return !policy.policy().hints().isEmpty()
                || Stream.concat(local().stream().map(Model.HostEndpoint::labels), Packet.PODS.stream())
                        .anyMatch(policy.selector()::matches);
    }

    /** The host endpoints that govern an interface of the node: of several for one, the first by name. */
    List<Model.HostEndpoint> local() {
        Map<String, Model.HostEndpoint> governing = new TreeMap<>();
        endpoints.stream()
                .filter(endpoint -> endpoint.node().equals(node))
                .filter(endpoint -> !endpoint.interfaceName().isEmpty()
                        || !endpoint.addresses().isEmpty())
                .sorted(Comparator.comparing(Model.HostEndpoint::name))
                .forEach(endpoint -> governing.putIfAbsent(
                        endpoint.interfaceName().isEmpty() ? "of " + endpoint.name() : endpoint.interfaceName(),
                        endpoint));
        return List.copyOf(governing.values());
    }

    Release release() {
        return release;
    }

    /** All tiers in order. */
    List<Section> sections() {
        return sections;
    }

    /** Labels of what has the address, as far as objects tell. */
    List<Map<String, String>> at(byte[] address) {
        return known.computeIfAbsent(new String(address, java.nio.charset.StandardCharsets.ISO_8859_1), _ -> {
            List<Map<String, String>> labels = new ArrayList<>();
            for (Model.HostEndpoint endpoint : endpoints) {
                if (endpoint.addresses().stream().anyMatch(own -> java.util.Arrays.equals(own, address))) {
                    labels.add(endpoint.labels());
                }
            }
            for (Model.NetworkSet set : sets) {
                if (set.nets().stream().anyMatch(net -> net.contains(address))) {
                    labels.add(set.labels());
                }
            }
            return labels;
        });
    }
}
