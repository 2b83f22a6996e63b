package io.denywatch.policy.verdict;

import io.denywatch.policy.Intervals;
import io.denywatch.policy.Side;
import java.util.Arrays;

/**
 * A set of packets of one IP version: their numbers lie within the extents, and some conditions hold and others fail.
 * The conditions are sorted literals of {@link Conditions}. A box treats conditions as independent of each other and of
 * the numbers; {@link SelectorKnowledge} knows their relations.
 */
final class PacketBox {
    /** What {@link #outside} returns for boxes that have no packet in common. */
    static final int DISJOINT = -1;

    private static final Intervals PROTOCOLS = Intervals.between(0, 255);
    private static final Intervals PORTS = Intervals.between(0, 65_535);
    private static final Dimension[] DIMENSIONS = Dimension.values();
    private static final int[] NO_LITERALS = {};

    private final int ipVersion;
    private final Intervals[] extents; // one for each dimension
    private final int[] literals;

    /** The numbers of a packet. */
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

    private PacketBox(int ipVersion, Intervals[] extents, int[] literals) {
        this.ipVersion = ipVersion;
        this.extents = extents;
        this.literals = literals;
    }

    /** All packets of the IP version. */
    static PacketBox all(int ipVersion) {
        Intervals addresses = Intervals.all(ipVersion);
        return new PacketBox(ipVersion, new Intervals[] {PROTOCOLS, addresses, PORTS, addresses, PORTS}, NO_LITERALS);
    }

    int ipVersion() {
        return ipVersion;
    }

    Intervals extent(Dimension dimension) {
        return extents[dimension.ordinal()];
    }

    /** The literals, which must not be changed. */
    int[] literals() {
        return literals;
    }

    boolean has(int literal) {
        return Arrays.binarySearch(literals, literal) >= 0;
    }

    PacketBox with(Dimension dimension, Intervals extent) {
        Intervals[] others = extents.clone();
        others[dimension.ordinal()] = extent;
        return new PacketBox(ipVersion, others, literals);
    }

    /** A copy with this literal added; empty if it contradicts another one. */
    PacketBox with(int literal) {
        int at = Arrays.binarySearch(literals, literal);
        if (at >= 0) {
            return this;
        }
        if (has(Conditions.opposite(literal))) {
            return nothing();
        }
        int[] more = Arrays.copyOf(literals, literals.length + 1);
        int place = -at - 1;
        System.arraycopy(literals, place, more, place + 1, literals.length - place);
        more[place] = literal;
        return new PacketBox(ipVersion, extents, more);
    }

    /** A copy with only these literals. */
    PacketBox withOnly(int[] others) {
        return new PacketBox(ipVersion, extents, others);
    }

    /** No packet. */
    PacketBox nothing() {
        return with(Dimension.PROTOCOL, Intervals.NONE);
    }

    /** Whether an extent is empty, as also in a box with contradictory literals. */
    boolean isEmpty() {
        for (Intervals extent : extents) {
            if (extent.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** The intersection of the numbers, with the literals of this box. */
    PacketBox within(PacketBox other) {
        if (ipVersion != other.ipVersion) {
            return nothing();
        }
        Intervals[] shared = extents.clone();
        for (int i = 0; i < shared.length; i++) {
            if (!other.extents[i].covers(extents[i])) {
                shared[i] = extents[i].and(other.extents[i]);
            }
        }
        return new PacketBox(ipVersion, shared, literals);
    }

    /**
     * The number of ways in which a packet of this box can be outside the other one: the dimensions in which this box
     * extends beyond it, and the literals of the other one that this box leaves open. 0 if the other one contains this
     * box, {@link #DISJOINT} if no packet is in both.
     */
    int outside(PacketBox other) {
        if (ipVersion != other.ipVersion) {
            return DISJOINT;
        }
        int ways = 0;
        for (int literal : other.literals) {
            if (has(Conditions.opposite(literal))) {
                return DISJOINT;
            }
            ways += has(literal) ? 0 : 1;
        }
        for (int i = 0; i < extents.length; i++) {
            if (!extents[i].equals(other.extents[i]) && !other.extents[i].covers(extents[i])) {
                if (!extents[i].meets(other.extents[i])) {
                    return DISJOINT;
                }
                ways++;
            }
        }
        return ways;
    }

    /** The number of its literals and intervals. */
    int size() {
        int size = literals.length;
        for (Intervals extent : extents) {
            size += extent.count();
        }
        return size;
    }

    /** Steps of an operation on both. */
    int steps(PacketBox other) {
        int steps = 1 + other.literals.length + literals.length / 16;
        for (Dimension dimension : DIMENSIONS) {
            int count = extent(dimension).count() + other.extent(dimension).count();
            steps += count > 2 ? count : 0;
        }
        return steps;
    }
}
