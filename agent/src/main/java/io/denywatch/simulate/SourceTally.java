package io.denywatch.simulate;

import io.denywatch.count.Count;
import java.util.Arrays;

/** Exact packets per simulated source. Confined to the simulating thread. */
sealed interface SourceTally {
    /** Adds packets of one source. */
    void add(int source, int packets);

    /** The packets of a source, whose number is below {@link #end}. */
    long packets(int source);

    /** One more than the highest source number that may have packets. */
    int end();

    /** The number of sources that have packets. */
    default int distinct() {
        int distinct = 0;
        for (int source = 0; source < end(); source++) {
            if (packets(source) > 0) {
                distinct++;
            }
        }
        return distinct;
    }

    /** Counts each source, in eight bytes for every number up to the highest one seen. */
    final class ExactTally implements SourceTally {
        private long[] packets = new long[64];
        private int end;

        @Override
        public void add(int source, int count) {
            if (source >= packets.length) {
                packets =
                        Arrays.copyOf(packets, Math.max(source + 1, Math.min(2 * packets.length, SourceAddresses.MAX)));
            }
            packets[source] = Count.sum(packets[source], count);
            end = Math.max(end, source + 1);
        }

        @Override
        public long packets(int source) {
            return packets[source];
        }

        @Override
        public int end() {
            return end;
        }
    }

    /** Sources that take turns, one packet each, so that the total is enough to know all counts. */
    final class InTurn implements SourceTally {
        private final int sources;
        private long total;

        InTurn(int sources) {
            this.sources = sources;
        }

        /** The source whose turn it is. */
        int next() {
            return (int) (total % sources);
        }

        @Override
        public void add(int source, int count) {
            if (source != next() || count != 1) {
                throw new IllegalArgumentException("it is the turn of " + next() + ", not of " + source);
            }
            total = Count.sum(total, 1);
        }

        @Override
        public long packets(int source) {
            return total / sources + (source < total % sources ? 1 : 0);
        }

        @Override
        public int end() {
            return (int) Math.min(total, sources);
        }
    }
}
