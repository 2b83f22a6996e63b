package io.denywatch.policy.verdict;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A union of boxes, from each of which other boxes were removed. The difference could consist of exponentially many
 * boxes, so it is not computed. Removed boxes are only recorded, and a remaining packet is searched for when needed.
 * The packet found last usually answers the next question, too. Confined to one thread.
 */
final class PacketSet {
    private final SelectorKnowledge facts;
    private final List<Rest> rests = new ArrayList<>();

    /** The rest of a box. */
    private static final class Rest {
        private final PacketBox box;
        private final List<PacketBox> taken;
        private @Nullable PacketBox found; // remaining packets; null before a search

        Rest(PacketBox box, List<PacketBox> taken, @Nullable PacketBox found) {
            this.box = box;
            this.taken = taken;
            this.found = found;
        }
    }

    /** No packets. */
    PacketSet(SelectorKnowledge facts) {
        this.facts = facts;
    }

    /** The packets of the boxes that are possible. */
    static PacketSet of(List<PacketBox> boxes, SelectorKnowledge facts) {
        PacketSet set = new PacketSet(facts);
        for (PacketBox box : boxes) {
            PacketBox possible = possible(box, facts);
            if (!possible.isEmpty()) {
                set.rests.add(new Rest(possible, new ArrayList<>(), possible));
            }
        }
        return set;
    }

    private static PacketBox possible(PacketBox box, SelectorKnowledge facts) {
        return facts.and(PacketBox.all(box.ipVersion()), box);
    }

    /** Whether it is known to be empty, without a search. */
    boolean isKnownEmpty() {
        return rests.isEmpty();
    }

    boolean isEmpty() {
        Iterator<Rest> left = rests.iterator();
        while (left.hasNext()) {
            if (isAny(left.next())) {
                return false;
            }
            left.remove();
        }
        return true;
    }

    private boolean isAny(Rest rest) {
        if (rest.found == null) {
            rest.found = Cover.leftOf(rest.box, rest.taken, facts);
        }
        return rest.found != null;
    }

    /** Whether there is a packet in this and in one of the boxes. */
    boolean meets(List<PacketBox> boxes) {
        List<Rest> without = new ArrayList<>();
        for (Rest rest : rests) {
            for (PacketBox box : boxes) {
                PacketBox both = facts.and(rest.box, box);
                if (both.isEmpty()) {
                    continue;
                }
                if ((rest.found != null && !facts.and(rest.found, box).isEmpty())
                        || Cover.leftOf(both, rest.taken, facts) != null) {
                    return true;
                }
                without.add(rest);
            }
        }
        rests.removeIf(rest ->
                without.contains(rest) && !isAny(rest)); // otherwise each question would search again without result
        return false;
    }

    /** The intersection with the union of the boxes. */
    PacketSet and(List<PacketBox> boxes) {
        PacketSet shared = new PacketSet(facts);
        for (Rest rest : rests) {
            for (PacketBox box : boxes) {
                PacketBox both = facts.and(rest.box, box);
                if (both.isEmpty()) {
                    continue;
                }
                List<PacketBox> taken = new ArrayList<>();
                for (PacketBox cut : rest.taken) {
                    facts.steps().take(both.steps(cut));
                    if (both.outside(cut) != PacketBox.DISJOINT) {
                        taken.add(cut);
                    }
                }
                PacketBox found = rest.found == null ? both.nothing() : facts.and(rest.found, box);
                shared.rests.add(new Rest(both, taken, found.isEmpty() ? null : found));
            }
        }
        return shared;
    }

    /** Adds the packets of the other set, which must not be used afterwards. */
    void addAll(PacketSet other) {
        rests.addAll(other.rests);
    }

    /** Removes the packets of all boxes. */
    void minus(List<PacketBox> boxes) {
        for (PacketBox box : boxes) {
            rests.removeIf(rest -> !take(rest, box));
        }
    }

    /** Whether a packet may remain. */
    private boolean take(Rest rest, PacketBox cut) {
        if (facts.and(rest.box, cut).isEmpty()) {
            return true;
        }
        if (rest.box.outside(cut) == 0) {
            return false;
        }
        rest.taken.add(cut);
        if (rest.found != null) {
            Cover.Split split = Cover.split(rest.found, cut, facts);
            rest.found = split.isApart()
                    ? rest.found
                    : split.pieces().isEmpty() ? null : split.pieces().getLast();
        }
        return true;
    }
}
