package io.denywatch.doctor;

import io.denywatch.count.Count;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.PacketHeader;
import java.util.HashMap;
import java.util.Map;

/**
 * Packets that a logger reads through two inputs: the same packet appears twice within a second, once with the kernel's
 * time stamp and once without. Two Log rules also write two lines, but both in the same form. Confined to the reading
 * thread.
 */
final class LoggedTwice {
    private static final long NEVER = Long.MIN_VALUE / 2;
    private static final long SECOND_MICROS = 1_000_000;

    /** When a packet was last logged in each form without a match in the other form yet; Unix microseconds. */
    private static final class Seen {
        private long stamped = NEVER;
        private long bare = NEVER;
    }

    private final Map<String, Seen> seen = new HashMap<>();
    private long packets;
    private String example = "";

    /** Adds a packet that has a time. */
    void add(DeniedPacket packet, long micros, boolean hasKernelStamp, String line) {
        Seen of = seen.computeIfAbsent(key(packet.outer()), _ -> new Seen());
        long other = hasKernelStamp ? of.bare : of.stamped;
        if (Math.abs(micros - other) <= SECOND_MICROS) {
            of.bare = NEVER;
            of.stamped = NEVER;
            packets = Count.sum(packets, 1);
            example = example.isEmpty() ? line : example;
        } else if (hasKernelStamp) {
            of.stamped = micros;
        } else {
            of.bare = micros;
        }
    }

    private static String key(PacketHeader packet) {
        return String.join(
                " ",
                Long.toHexString(packet.sourceHigh()),
                Long.toHexString(packet.sourceLow()),
                Long.toHexString(packet.destinationHigh()),
                Long.toHexString(packet.destinationLow()),
                String.valueOf(packet.protocol()),
                String.valueOf(packet.sourcePort()),
                String.valueOf(packet.destinationPort()),
                String.valueOf(packet.id()),
                String.valueOf(packet.length()));
    }

    long packets() {
        return packets;
    }

    /** One line of such a packet. */
    String example() {
        return example;
    }
}
