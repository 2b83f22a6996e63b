package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.sketch.SeededHash;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** Counts the destination ports of one load balancer since start. Confined to the ingest thread. */
sealed interface PortCounter permits TopPorts, ExactPorts {
    /** A counter within the limits: {@link ExactPorts} if every port may be tracked, or else {@link TopPorts}. */
    static PortCounter of(SeededHash hash, DenialLimits limits) {
        return limits.portsPerLoadBalancerMax() < DenialLimits.EVERY_PORT
                ? new TopPorts(hash, limits.portsPerLoadBalancerMax())
                : new ExactPorts();
    }

    /** Counts packets to a port; -1 stands for packets without one. */
    void record(Transport transport, int port, int count);

    /** Whether nothing was counted. */
    boolean isEmpty();

    /** At most {@code limit} ports, by descending packets. */
    List<PortCount> top(int limit);

    /** Writes everything, in a form that both implementations read. */
    void save(DataOutput out) throws IOException;

    /** Restores what was saved, as far as there is room. Nothing may have been counted yet. */
    void restore(CheckedInput in) throws IOException;

    /** Bytes of the arrays' elements. */
    long bytes();
}
