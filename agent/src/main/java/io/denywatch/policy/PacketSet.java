package io.denywatch.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A union of boxes. Conditions are taken as independent of each other and of the numbers, so an empty set is surely
 * empty, while one that is not may still hold no packet that can be; {@link Facts} know better.
 *
 * @param boxes none of them empty
 */
record PacketSet(List<PacketBox> boxes) {
    static final PacketSet NONE = new PacketSet(List.of());

    static final PacketSet ALL = new PacketSet(List.of(PacketBox.all(4), PacketBox.all(6)));

    /** More boxes than that are not cut further: the set stays too large, which proves less but nothing wrong. */
    static final int BOXES_MAX = 4_096;

    PacketSet {
        boxes = boxes.stream().filter(box -> !box.isEmpty()).distinct().toList();
    }

    boolean isEmpty() {
        return boxes.isEmpty();
    }

    /** What is in both, or all of this where that takes too many boxes. */
    PacketSet and(PacketSet other) {
        List<PacketBox> shared = new ArrayList<>();
        for (PacketBox here : boxes) {
            for (PacketBox there : other.boxes) {
                shared.add(here.and(there));
            }
        }
        PacketSet set = new PacketSet(shared);
        return set.boxes.size() > BOXES_MAX ? this : set;
    }

    PacketSet or(PacketSet other) {
        List<PacketBox> both = new ArrayList<>(boxes);
        both.addAll(other.boxes);
        return new PacketSet(both);
    }

    /** What is in this alone, or all of this where that takes too many boxes. */
    PacketSet minus(PacketSet other) {
        List<PacketBox> left = boxes;
        for (PacketBox cut : other.boxes) {
            List<PacketBox> smaller = new ArrayList<>();
            left.forEach(box -> smaller.addAll(box.minus(cut)));
            if (smaller.size() > BOXES_MAX) {
                return this;
            }
            left = smaller;
        }
        return new PacketSet(left);
    }

    PacketSet map(UnaryOperator<PacketBox> change) {
        return new PacketSet(boxes.stream().map(change).toList());
    }
}
