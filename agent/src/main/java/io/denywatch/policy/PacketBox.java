package io.denywatch.policy;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Packets of one IP version that lie within all of the extents, fulfil some conditions and fail others.
 *
 * @param ipVersion 4 or 6
 * @param extents one for each dimension
 * @param holds conditions that are true
 * @param fails conditions that are false
 */
record PacketBox(int ipVersion, Map<Dimension, Intervals> extents, Set<Condition> holds, Set<Condition> fails) {
    private static final Intervals PROTOCOLS = Intervals.between(0, 255);
    private static final Intervals PORTS = Intervals.between(0, 65_535);

    /** What of a packet is a number. */
    enum Dimension {
        PROTOCOL,
        SOURCE,
        SOURCE_PORT,
        DESTINATION,
        DESTINATION_PORT;

        static Dimension address(Side side) {
            return side == Side.SOURCE ? SOURCE : DESTINATION;
        }

        static Dimension port(Side side) {
            return side == Side.SOURCE ? SOURCE_PORT : DESTINATION_PORT;
        }
    }

    PacketBox {
        extents = Map.copyOf(extents);
        holds = Set.copyOf(holds);
        fails = Set.copyOf(fails);
    }

    /** All packets of the IP version. */
    static PacketBox all(int ipVersion) {
        Intervals addresses = IpSpace.of(ipVersion);
        Map<Dimension, Intervals> extents = new EnumMap<>(Dimension.class);
        extents.put(Dimension.PROTOCOL, PROTOCOLS);
        extents.put(Dimension.SOURCE, addresses);
        extents.put(Dimension.SOURCE_PORT, PORTS);
        extents.put(Dimension.DESTINATION, addresses);
        extents.put(Dimension.DESTINATION_PORT, PORTS);
        return new PacketBox(ipVersion, extents, Set.of(), Set.of());
    }

    Intervals extent(Dimension dimension) {
        return extents.getOrDefault(dimension, Intervals.NONE);
    }

    PacketBox with(Dimension dimension, Intervals extent) {
        Map<Dimension, Intervals> others = new EnumMap<>(extents);
        others.put(dimension, extent);
        return new PacketBox(ipVersion, others, holds, fails);
    }

    PacketBox holding(Condition condition) {
        return new PacketBox(ipVersion, extents, with(holds, condition), fails);
    }

    PacketBox failing(Condition condition) {
        return new PacketBox(ipVersion, extents, holds, with(fails, condition));
    }

    private static Set<Condition> with(Set<Condition> conditions, Condition another) {
        Set<Condition> more = new HashSet<>(conditions);
        more.add(another);
        return more;
    }

    /** Whether no packet is in it, as far as numbers and contradictions tell. */
    boolean isEmpty() {
        return extents.values().stream().anyMatch(Intervals::isEmpty)
                || holds.stream().anyMatch(fails::contains);
    }

    PacketBox and(PacketBox other) {
        Map<Dimension, Intervals> shared = new EnumMap<>(Dimension.class);
        boolean sameVersion = ipVersion == other.ipVersion;
        for (Dimension dimension : Dimension.values()) {
            shared.put(dimension, sameVersion ? extent(dimension).and(other.extent(dimension)) : Intervals.NONE);
        }
        Set<Condition> allHold = new HashSet<>(holds);
        allHold.addAll(other.holds);
        Set<Condition> allFail = new HashSet<>(fails);
        allFail.addAll(other.fails);
        return new PacketBox(ipVersion, shared, allHold, allFail);
    }

    /** What is left of this without the other, cut off side by side: disjoint boxes, none of them empty. */
    List<PacketBox> minus(PacketBox other) {
        if (and(other).isEmpty()) {
            return List.of(this);
        }
        List<PacketBox> left = new ArrayList<>();
        PacketBox inside = this;
        for (Dimension dimension : Dimension.values()) {
            Intervals outside = inside.extent(dimension).minus(other.extent(dimension));
            if (!outside.isEmpty()) {
                left.add(inside.with(dimension, outside));
            }
            inside = inside.with(dimension, inside.extent(dimension).and(other.extent(dimension)));
        }
        for (Condition condition : other.holds) {
            if (!inside.holds.contains(condition)) {
                left.add(inside.failing(condition));
                inside = inside.holding(condition);
            }
        }
        for (Condition condition : other.fails) {
            if (!inside.fails.contains(condition)) {
                left.add(inside.holding(condition));
                inside = inside.failing(condition);
            }
        }
        return left;
    }
}
