package io.denywatch.cluster;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * A node, as far as it matters to packets. Immutable.
 *
 * @param name of the Node
 * @param uid changes if a Node of the same name is recreated
 * @param addresses of its interfaces, those of Calico's tunnels among them
 * @param podBlocks that its pods get their addresses from, where Kubernetes hands them out
 */
record ClusterNode(String name, String uid, List<Ip> addresses, List<IpPrefix> podBlocks) {
    /** Copies the lists. */
    ClusterNode {
        addresses = List.copyOf(addresses);
        podBlocks = List.copyOf(podBlocks);
    }
}
