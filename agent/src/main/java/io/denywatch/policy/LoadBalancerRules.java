package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Policies whose destinations are the addresses in network sets with the load balancers' label. */
public final class LoadBalancerRules {
    /** The label of network sets that contain the addresses of load balancers. */
    public static final String LABEL = SetLabels.LOAD_BALANCERS;

    /** Its value. */
    public static final String VALUE = SetLabels.MARKED;

    /** The selector of the policies' destinations. */
    public static final String SELECTOR = LABEL + " == '" + VALUE + "'";

    /** The labels of such a set. */
    public static final Map<String, String> LABELS = Map.of(LABEL, VALUE);

    /** Unspecified, loopback, multicast and reserved addresses, which no packet from elsewhere has as destination. */
    private static final List<IpPrefix> NO_DESTINATIONS = Stream.of(
                    "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/128", "::1/128", "ff00::/8")
            .map(IpPrefix::parse)
            .toList();

    private LoadBalancerRules() {}

    /** The first ingress rule that selects these sets as destination, if none of them contains an address. */
    public static Optional<RulePosition> withoutAddress(PolicyState state) {
        boolean none = state.sets().stream()
                .allMatch(set ->
                        !VALUE.equals(set.labels().get(LABEL)) || set.nets().isEmpty());
        return none
                ? BlocklistRules.ingress(state)
                        .filter(LoadBalancerRules::selectsThem)
                        .min(BlocklistRules.evaluation(state))
                : Optional.empty();
    }

    private static boolean selectsThem(RulePosition position) {
        try {
            Selector destination = EndpointSelector.of(position.rule().destination(), null);
            return destination.mentions(LABEL) && destination.matches(LABELS);
        } catch (IllegalArgumentException unreadable) {
            return false;
        }
    }

    /** Whether packets from elsewhere can have an address of this prefix as destination. */
    public static boolean isDestination(IpPrefix prefix) {
        return NO_DESTINATIONS.stream().noneMatch(range -> range.overlaps(prefix));
    }
}
