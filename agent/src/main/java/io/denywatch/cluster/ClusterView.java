package io.denywatch.cluster;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A snapshot of what is known of the cluster. Immutable; published through one volatile field.
 *
 * @param services of type LoadBalancer, as last reported
 * @param nodeAddresses of this node
 * @param nodeUid of this node's Node object, once it is known; changes if the Node is recreated
 * @param nodes how many nodes there are; at most 1 unless all of them are read
 * @param allNodeAddresses of all nodes; empty until they are known, and where not all of them are read
 * @param neverBlock addresses that are exempt because they belong to the cluster, each once; empty while the blocklist
 *     is off
 * @param servicesKnown whether a list of Services has been read since the start
 * @param complete whether all exempt addresses are known
 * @param servicesHeardMillis when the API server last reported anything about Services, in Unix milliseconds; 0 for
 *     never
 * @param nodesHeardMillis the same for nodes
 * @param problem what cannot be read now, in one line; empty if all is well
 */
public record ClusterView(
        List<ClusterLoadBalancer> services,
        List<Ip> nodeAddresses,
        Optional<String> nodeUid,
        int nodes,
        Optional<Set<Ip>> allNodeAddresses,
        List<Range> neverBlock,
        boolean servicesKnown,
        boolean complete,
        long servicesHeardMillis,
        long nodesHeardMillis,
        String problem) {
    /** Nothing is known. */
    public static final ClusterView EMPTY = new ClusterView(
            List.of(), List.of(), Optional.empty(), 0, Optional.empty(), List.of(), false, false, 0, 0, "");

    /** Copies the lists. */
    public ClusterView {
        services = List.copyOf(services);
        nodeAddresses = List.copyOf(nodeAddresses);
        allNodeAddresses = allNodeAddresses.map(Set::copyOf);
        neverBlock = List.copyOf(neverBlock);
    }

    /** A copy with these times and this problem. */
    ClusterView heard(long services, long nodes, String problem) {
        return new ClusterView(
                this.services,
                nodeAddresses,
                nodeUid,
                this.nodes,
                allNodeAddresses,
                neverBlock,
                servicesKnown,
                complete,
                services,
                nodes,
                problem);
    }
}
