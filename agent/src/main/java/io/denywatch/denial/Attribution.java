package io.denywatch.denial;

import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.ip.Ip;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedCollection;
import java.util.Set;

/**
 * Whom packets are counted for. Where load balancers share an address, a port that several claim goes to the first of
 * them, and what goes to no port of theirs belongs to none of them by name. All that is asked here follows from the order
 * of the load balancers, which is not that in which they came.
 */
final class Attribution {
    private final List<LoadBalancer> all;

    /** By load balancers in the order in which they win. */
    Attribution(List<LoadBalancer> all) {
        this.all = List.copyOf(all);
    }

    /** The load balancers at each single address, in order. */
    Map<Ip, List<LoadBalancer>> byAddress() {
        Map<Ip, List<LoadBalancer>> byAddress = new LinkedHashMap<>();
        for (LoadBalancer loadBalancer : all) {
            loadBalancer
                    .singles()
                    .distinct()
                    .forEach(address -> byAddress
                            .computeIfAbsent(address, none -> new ArrayList<>())
                            .add(loadBalancer));
        }
        return byAddress;
    }

    /** The rows of an address at which these load balancers are, all in use for packets to that address. */
    static Map<Series.SeriesKey, Integer> rows(Collection<LoadBalancer> sharing) {
        Map<Series.SeriesKey, Integer> rows = new LinkedHashMap<>();
        ServiceName only = only(sharing);
        for (Transport transport : Transport.values()) {
            rows.put(new Series.SeriesKey(only, transport, 0), Series.EXPOSED);
        }
        Set<ServicePort> claimed = new LinkedHashSet<>();
        for (LoadBalancer loadBalancer : sharing) {
            for (ServicePort port : loadBalancer.ports()) {
                if (claimed.add(port)) {
                    rows.put(new Series.SeriesKey(loadBalancer.name(), port.transport(), port.port()), Series.EXPOSED);
                }
            }
        }
        return rows;
    }

    /** The one name there is; an address that is configured without a name may have got one in the cluster. */
    private static ServiceName only(Collection<LoadBalancer> sharing) {
        SequencedCollection<ServiceName> names = new LinkedHashSet<>();
        for (LoadBalancer loadBalancer : sharing) {
            names.add(loadBalancer.name());
        }
        if (names.size() > 1) {
            names.remove(ServiceName.NONE);
        }
        return names.size() == 1 ? names.getFirst() : ServiceName.NONE;
    }

    /**
     * A port of the node, and where what goes there is counted.
     *
     * @param key of the row
     * @param addresses of the load balancer that it leads to: for packets of IPv4 and for those of IPv6; equal where it
     *     has addresses of one family only, and none where only a host name is known
     */
    record NodePortSeries(Series.SeriesKey key, List<Ip> addresses) {
        Ip address(boolean ipv4) {
            return addresses.stream()
                    .filter(address -> address.isIpv4() == ipv4)
                    .findFirst()
                    .orElse(addresses.getFirst());
        }
    }

    /** All node ports, each once. */
    List<NodePortSeries> nodePorts() {
        Set<ServicePort> claimed = new LinkedHashSet<>();
        List<NodePortSeries> nodePorts = new ArrayList<>();
        for (LoadBalancer loadBalancer : all) {
            List<Ip> addresses = loadBalancer.singles().toList();
            for (ServicePort port : loadBalancer.nodePorts()) {
                if (claimed.add(port)) {
                    Series.SeriesKey key = new Series.SeriesKey(loadBalancer.name(), port.transport(), port.port());
                    nodePorts.add(new NodePortSeries(key, addresses));
                }
            }
        }
        return nodePorts;
    }
}
