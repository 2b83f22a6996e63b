package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.sketch.SeededHash;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** Which ports were hit at one load balancer since start. Confined to the ingest thread. */
sealed interface PortCounter permits TopPorts, ExactPorts {
    /** Ports tracked, as far as {@link DenialLimits} allow: where all may be, each has a counter. */
    static PortCounter of(SeededHash hash, DenialLimits limits) {
        return limits.portsPerLoadBalancerMax() < DenialLimits.EVERY_PORT
                ? new TopPorts(hash, limits.portsPerLoadBalancerMax())
                : new ExactPorts();
    }

    /** Counts packets to a port, which is -1 where there is none. */
    void record(Transport transport, int port, int count);

    /** Whether nothing was counted. */
    boolean isEmpty();

    /** At most {@code limit} ports, by descending packets. */
    List<PortCount> top(int limit);

    /** Writes all there is, in the form that each kind reads. */
    void save(DataOutput out) throws IOException;

    /** Takes on what was saved, as far as there is room. Nothing may have been counted yet. */
    void restore(CheckedInput in) throws IOException;

    /** Bytes of the arrays' elements. */
    long bytes();
}
