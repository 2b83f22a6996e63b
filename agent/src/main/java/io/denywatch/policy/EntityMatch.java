package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * A rule's conditions for a packet's source or destination. An empty list or text is no condition.
 *
 * @param nets the address is in one of these
 * @param notNets the address is in none of these
 * @param selector the address belongs to an endpoint or a network set that this selects
 * @param notSelector excludes the endpoints and network sets that this selects
 * @param namespaceSelector restricts the selector to the namespaces that this selects, or with {@code global()} to
 *     what is in no namespace
 * @param ports the port is one of these
 * @param notPorts the port is none of these
 * @param serviceAccountNames restricts the selector to endpoints that run as one of these
 * @param serviceAccountSelector restricts the selector to endpoints that run as a service account with such labels
 * @param services the address belongs to this Service, as {@code namespace/name}
 */
public record EntityMatch(
        List<IpPrefix> nets,
        List<IpPrefix> notNets,
        String selector,
        String notSelector,
        String namespaceSelector,
        List<Port> ports,
        List<Port> notPorts,
        List<String> serviceAccountNames,
        String serviceAccountSelector,
        String services) {
    /** No condition. */
    public static final EntityMatch ANY =
            new EntityMatch(List.of(), List.of(), "", "", "", List.of(), List.of(), List.of(), "", "");

    /** Copies the lists. */
    public EntityMatch {
        nets = List.copyOf(nets);
        notNets = List.copyOf(notNets);
        ports = List.copyOf(ports);
        notPorts = List.copyOf(notPorts);
        serviceAccountNames = List.copyOf(serviceAccountNames);
    }

    private EntityMatch with(
            List<IpPrefix> in,
            List<IpPrefix> notIn,
            String labels,
            String notLabels,
            String namespaces,
            List<? extends Port> on,
            List<? extends Port> notOn) {
        return new EntityMatch(
                in,
                notIn,
                labels,
                notLabels,
                namespaces,
                List.copyOf(on),
                List.copyOf(notOn),
                serviceAccountNames,
                serviceAccountSelector,
                services);
    }

    /** The same with these nets. */
    public EntityMatch inNets(List<IpPrefix> others) {
        return with(others, notNets, selector, notSelector, namespaceSelector, ports, notPorts);
    }

    /** The same, excluding these nets. */
    public EntityMatch notInNets(List<IpPrefix> others) {
        return with(nets, others, selector, notSelector, namespaceSelector, ports, notPorts);
    }

    /** The same with these selectors. */
    public EntityMatch selected(String labels, String namespaces) {
        return with(nets, notNets, labels, notSelector, namespaces, ports, notPorts);
    }

    /** The same, excluding the endpoints and network sets that this selects. */
    public EntityMatch notSelected(String labels) {
        return with(nets, notNets, selector, labels, namespaceSelector, ports, notPorts);
    }

    /** The same with these ports. */
    public EntityMatch onPorts(List<? extends Port> others) {
        return with(nets, notNets, selector, notSelector, namespaceSelector, others, notPorts);
    }

    /** The same, excluding these ports. */
    public EntityMatch notOnPorts(List<? extends Port> others) {
        return with(nets, notNets, selector, notSelector, namespaceSelector, ports, others);
    }

    /** Whether it has a condition for addresses, not only for ports. */
    public boolean namesAddresses() {
        return !nets.isEmpty()
                || !notNets.isEmpty()
                || !selector.isEmpty()
                || !notSelector.isEmpty()
                || !namespaceSelector.isEmpty()
                || !serviceAccountNames.isEmpty()
                || !serviceAccountSelector.isEmpty()
                || !services.isEmpty();
    }
}
