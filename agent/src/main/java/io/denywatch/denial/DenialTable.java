package io.denywatch.denial;

import io.denywatch.packet.DeniedPacket;
import java.util.List;

/** Stub until the denial room is merged: delete. */
public final class DenialTable {
    public DenialTable(DenialLimits limits, List<LoadBalancer> known, boolean anyDestination, long seed) {}

    public void record(DeniedPacket packet, boolean late, long epochSeconds) {
        throw new UnsupportedOperationException();
    }

    public void advance(long epochSeconds) {
        throw new UnsupportedOperationException();
    }

    public DenialSnapshot snapshot() {
        throw new UnsupportedOperationException();
    }
}
