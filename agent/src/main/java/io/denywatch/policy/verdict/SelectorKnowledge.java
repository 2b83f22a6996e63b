package io.denywatch.policy.verdict;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Intervals;
import io.denywatch.policy.NetworkSet;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Selector;
import io.denywatch.policy.verdict.PacketBox.Dimension;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Knowledge about selectors in rules that excludes impossible packets: which selectors imply others, and which
 * addresses they select if the content of network sets is known. Confined to one thread.
 */
final class SelectorKnowledge {
    /** Most prefixes kept for all selectors together; what further selectors select counts as unknown. */
    static final int BLOCKS_MAX = 60_000;

    private final Conditions conditions;
    private final Steps steps;
    private final @Nullable PolicyState state;
    private final Map<Long, Intervals> addresses = new HashMap<>();
    private int blocks;

    private SelectorKnowledge(Conditions conditions, @Nullable PolicyState state) {
        this.conditions = conditions;
        this.steps = conditions.steps();
        this.state = state;
    }

    /** Knowledge that does not depend on the content of network sets. */
    static SelectorKnowledge always(Conditions conditions) {
        return new SelectorKnowledge(conditions, null);
    }

    /** Knowledge that depends on the current content of network sets. */
    static SelectorKnowledge now(Conditions conditions, PolicyState state) {
        return new SelectorKnowledge(conditions, state);
    }

    Steps steps() {
        return steps;
    }

    /** The possible packets in both boxes; empty if there are none. */
    PacketBox and(PacketBox box, PacketBox other) {
        steps.take(box.steps(other));
        PacketBox both = box.within(other);
        for (int literal : other.literals()) {
            if (both.isEmpty()) {
                break;
            }
            both = with(both, literal);
        }
        return both;
    }

    /** The packets of the box for which the literal is also true; empty if there are none. */
    PacketBox with(PacketBox box, int literal) {
        if (box.has(literal)) {
            return box;
        }
        PacketBox more = contradicted(box, literal) < 0 ? box.with(literal) : box.nothing();
        if (!more.isEmpty() && conditions.condition(literal) instanceof Condition.Selected selected) {
            Dimension dimension = Dimension.address(selected.side());
            Intervals possible = possible(more.extent(dimension), box.ipVersion(), literal, selected.selector());
            return more.with(dimension, possible);
        }
        return more;
    }

    /** The reason for an empty result of {@link #with}: a larger box with only the conditions that make it empty. */
    PacketBox whyNot(PacketBox box, int literal) {
        PacketBox why = PacketBox.all(box.ipVersion()).with(literal);
        int contradicted = contradicted(box, literal);
        if (contradicted >= 0) {
            return why.with(contradicted);
        }
        if (conditions.condition(literal) instanceof Condition.Selected selected) {
            Dimension dimension = Dimension.address(selected.side());
            return why.with(dimension, box.extent(dimension));
        }
        return why;
    }

    /** A literal of the box that contradicts this one; negative if none does. */
    private int contradicted(PacketBox box, int literal) {
        if (box.has(Conditions.opposite(literal))) {
            return Conditions.opposite(literal);
        }
        for (int other : box.literals()) {
            if (conditions.contradict(literal, other)) {
                return other;
            }
        }
        return -1;
    }

    private Intervals possible(Intervals extent, int ipVersion, int literal, Selector selector) {
        if (state == null) {
            return extent;
        }
        if (!Conditions.holds(literal)) {
            Intervals surely = addresses(literal, ipVersion, selector, state);
            steps.take((long) extent.count() + surely.count());
            return extent.minus(surely);
        }
        // Without global(), pods may be selected as well, and their addresses are not known.
        if (!selector.implies(Selector.global())) {
            return extent;
        }
        Intervals maybe = addresses(literal, ipVersion, selector, state);
        steps.take((long) extent.count() + maybe.count());
        return extent.and(maybe);
    }

    /** If the literal holds, all addresses that may be selected; if it fails, only those that certainly are. */
    private Intervals addresses(int literal, int ipVersion, Selector selector, PolicyState known) {
        Intervals kept = addresses.get((long) literal << 3 | ipVersion);
        if (kept != null) {
            return kept;
        }
        boolean maybe = Conditions.holds(literal);
        steps.take((long) known.sets().size() + known.hostEndpoints().size());
        List<IpPrefix> nets = new ArrayList<>();
        boolean all = true;
        for (NetworkSet set : known.sets()) {
            if (!known.isPlain(set.oddities())) {
                all = false;
            } else if (selector.matches(set.labels())) {
                all &= addSome(set.nets(), nets);
            }
        }
        for (HostEndpoint endpoint : known.hostEndpoints()) {
            if (endpoint.isComplete() && !known.isPlain(endpoint.oddities())) {
                all = false;
            } else if (endpoint.isComplete()
                    && (maybe ? endpoint.maybeSelectedBy(selector) : endpoint.isSelectedBy(selector))) {
                all &= addSome(endpoint.expectedIps(), nets);
            }
        }
        steps.take(nets.size());
        Intervals found = !all && maybe ? Intervals.all(ipVersion) : Intervals.addresses(nets, ipVersion);
        blocks += found.count();
        addresses.put((long) literal << 3 | ipVersion, found);
        return found;
    }

    private boolean addSome(List<IpPrefix> nets, List<IpPrefix> to) {
        if (blocks + to.size() + nets.size() > BLOCKS_MAX) {
            return false;
        }
        to.addAll(nets);
        return true;
    }
}
