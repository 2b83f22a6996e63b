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
 * Maps addresses and ports to load balancers. Immutable. If several load balancers share an address, a port belongs to
 * the first in the list that exposes it; packets to other ports are counted without a name, unless only one name is
 * known.
 */
final class Attribution {
    private final List<LoadBalancer> all;

    /** An attribution to these load balancers; the first of the list wins. */
    Attribution(List<LoadBalancer> all) {
        this.all = List.copyOf(all);
    }

    /** The load balancers at each single address, in the order of the list. */
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

    /** The rows of an address that these load balancers share, all for packets to that address itself. */
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

    /**
     * The only name, or none if there are several. Load balancers without a name are ignored if another has one: a
     * configured address may be that of a Service.
     */
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
     * A node port, and where its packets are counted.
     *
     * @param key of the row
     * @param addresses of the load balancer that it leads to; none if only a host name is known
     */
    record NodePortSeries(Series.SeriesKey key, List<Ip> addresses) {
        Ip address(boolean ipv4) {
            return addresses.stream()
                    .filter(address -> address.isIpv4() == ipv4)
                    .findFirst()
                    .orElse(addresses.getFirst());
        }
    }

    /** All node ports, each once, at the first load balancer that has it. */
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
