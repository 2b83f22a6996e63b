package io.denywatch.cluster;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Follows the cluster's Services, nodes and address ranges, and publishes snapshots of them. Confined to the cluster
 * thread, which may wait here for seconds for the API server. Any thread may read {@link #view}.
 */
public final class ClusterWatch implements AutoCloseable {
    /** Shortest time between two publications: a burst of changes is published once. */
    static final int PUBLISH_MILLIS_MIN = 250;

    /** Longest time between two publications, even if only the time has changed. */
    static final int PUBLISH_MILLIS_MAX = 5_000;

    private final String nodeName;
    private final ListWatch<ClusterLoadBalancer> services;
    private final ListWatch<ClusterNode> nodes;
    private final boolean allNodes;
    private final @Nullable ClusterRanges ranges;
    private boolean changed;
    private long publishedMillis;
    private volatile ClusterView view = ClusterView.EMPTY;

    /**
     * Creates a watch; sends nothing yet.
     *
     * @param nodeName the name of the node that this process runs on
     * @param blocklist whether exempt addresses are needed, and therefore all nodes
     * @param allNodes whether all nodes are needed in any case
     * @param apiServerHost the API server's host as the environment states it; empty if it does not
     * @param crdAllowed whether to try Calico's own objects before those of its API
     * @param random spreads the agents' requests
     */
    public ClusterWatch(
            ClusterConnection connection,
            String nodeName,
            boolean blocklist,
            boolean allNodes,
            String apiServerHost,
            boolean crdAllowed,
            RandomGenerator random) {
        this.nodeName = nodeName;
        services = new ListWatch<>(connection, ClusterLoadBalancer.KIND, random);
        this.allNodes = blocklist || allNodes;
        nodes = new ListWatch<>(connection, this.allNodes ? ClusterNode.all() : ClusterNode.only(nodeName), random);
        ranges = blocklist ? new ClusterRanges(connection, apiServerHost, crdAllowed, random) : null;
    }

    /**
     * Processes what arrived, does what is due, and publishes. Call it several times a second.
     *
     * @return 0 if nothing has changed
     */
    public int poll(long nowMillis) {
        boolean news = services.poll(nowMillis);
        news |= nodes.poll(nowMillis);
        if (ranges != null) {
            news |= ranges.poll(nowMillis);
        }
        changed |= news;
        long sinceMillis = Math.abs(nowMillis - publishedMillis); // also where the clock was set back
        if (changed && sinceMillis >= PUBLISH_MILLIS_MIN) {
            changed = false;
            publishedMillis = nowMillis;
            view = look();
        } else if (sinceMillis >= PUBLISH_MILLIS_MAX) {
            publishedMillis = nowMillis;
            view = view.heard(services.heardMillis(), nodes.heardMillis(), problem());
        }
        return news ? 1 : 0;
    }

    /** What is known. */
    public ClusterView view() {
        return view;
    }

    private ClusterView look() {
        Optional<ClusterNode> here = nodes.items().stream()
                .filter(node -> node.name().equals(nodeName))
                .findFirst();
        return new ClusterView(
                List.copyOf(services.items()),
                here.map(ClusterNode::addresses).orElse(List.of()),
                here.map(ClusterNode::uid),
                nodes.items().size(),
                allNodeAddresses(),
                neverBlock(),
                services.isKnown(),
                services.isKnown() && nodes.isKnown() && ranges != null && ranges.isComplete(),
                services.heardMillis(),
                nodes.heardMillis(),
                problem());
    }

    private Optional<Set<Ip>> allNodeAddresses() {
        return allNodes && nodes.isKnown()
                ? Optional.of(nodes.items().stream()
                        .flatMap(node -> node.addresses().stream())
                        .collect(Collectors.toSet()))
                : Optional.empty();
    }

    /** Each range once, with the first reason given for it. */
    private List<Range> neverBlock() {
        if (ranges == null) {
            return List.of();
        }
        Map<IpPrefix, Range> byBlock = new LinkedHashMap<>();
        Stream.of(
                        ranges.ranges(),
                        nodes.items().stream().flatMap(ClusterWatch::rangesOf),
                        services.items().stream().flatMap(ClusterWatch::rangesOf))
                .flatMap(all -> all)
                .forEach(range -> byBlock.putIfAbsent(range.addresses(), range));
        return List.copyOf(byBlock.values());
    }

    private static Stream<Range> rangesOf(ClusterNode node) {
        return Stream.concat(
                singles(node.addresses(), "node " + node.name()),
                node.podBlocks().stream().map(block -> new Range(block, "pods of node " + node.name())));
    }

    private static Stream<Range> rangesOf(ClusterLoadBalancer service) {
        String name = service.namespace() + "/" + service.name();
        return Stream.of(
                        singles(service.addresses(), "load balancer " + name),
                        singles(service.externalAddresses(), "external IP of " + name),
                        singles(service.clusterAddresses(), "cluster IP of " + name))
                .flatMap(all -> all);
    }

    private static Stream<Range> singles(List<Ip> addresses, String reason) {
        return addresses.stream().map(address -> new Range(IpPrefix.of(address), reason));
    }

    private String problem() {
        return Stream.concat(
                        Stream.of(services.problem(), nodes.problem()).filter(text -> !text.isEmpty()),
                        ranges == null ? Stream.of() : ranges.problems())
                .collect(Collectors.joining("; "));
    }

    /** Ends the watches. */
    @Override
    public void close() {
        services.close();
        nodes.close();
    }
}
