package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.PacketBox.Dimension;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is known about selectors in rules, to rule out packets that cannot be.
 *
 * @param sets what they may select, where it is known; empty where only what holds whatever the sets contain may be used
 * @param hostEndpoints likewise
 * @param contentsKnown whether these are all there are
 */
record Facts(List<NetworkSet> sets, List<HostEndpoint> hostEndpoints, boolean contentsKnown) {
    /** What holds whatever the network sets contain. */
    static final Facts ALWAYS = new Facts(List.of(), List.of(), false);

    /** What holds for what the network sets contain now. */
    static Facts now(PolicyState state) {
        return new Facts(
                state.sets(),
                state.hostEndpoints().stream().filter(HostEndpoint::isComplete).toList(),
                true);
    }

    /** The set without packets that cannot be. */
    PacketSet possible(PacketSet set) {
        return set.map(this::possible);
    }

    private PacketBox possible(PacketBox box) {
        PacketBox left = box;
        for (Condition failed : box.fails()) {
            if (!(failed instanceof Condition.Selected out)) {
                continue;
            }
            boolean contradicted = box.holds().stream()
                    .anyMatch(held -> held instanceof Condition.Selected in
                            && in.side() == out.side()
                            && in.selector().implies(out.selector()));
            Dimension dimension = Dimension.address(out.side());
            Intervals extent = left.extent(dimension);
            left = left.with(
                    dimension, contradicted ? Intervals.NONE : extent.minus(addresses(out, box.ipVersion(), false)));
        }
        for (Condition held : box.holds()) {
            // Without the guard, pods may be selected as well, and where they are is not known here.
            if (contentsKnown
                    && held instanceof Condition.Selected in
                    && in.selector().implies(Selector.global())) {
                Dimension dimension = Dimension.address(in.side());
                left = left.with(dimension, left.extent(dimension).and(addresses(in, box.ipVersion(), true)));
            }
        }
        return left;
    }

    /** All addresses that may be selected, or those alone that surely are. */
    private Intervals addresses(Condition.Selected selected, int ipVersion, boolean maybe) {
        Stream<IpPrefix> ofSets = sets.stream()
                .filter(set -> selected.selector().matches(set.labels()))
                .flatMap(set -> set.nets().stream());
        Stream<IpPrefix> ofEndpoints = hostEndpoints.stream()
                .filter(endpoint -> maybe
                        ? endpoint.maybeSelectedBy(selected.selector())
                        : endpoint.isSelectedBy(selected.selector()))
                .flatMap(endpoint -> endpoint.expectedIps().stream());
        return Intervals.addresses(Stream.concat(ofSets, ofEndpoints).toList(), ipVersion);
    }
}
