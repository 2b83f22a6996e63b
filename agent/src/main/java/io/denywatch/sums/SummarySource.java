package io.denywatch.sums;

import io.denywatch.detection.NodeSummary;
import java.util.SortedMap;

/** Where the summaries of the other agents come from. Confined to one thread. */
public interface SummarySource extends AutoCloseable {
    /**
     * One round.
     *
     * @param summaries by node
     * @param unreachable agents without a complete response in time
     * @param invalid agents whose response is not a summary
     * @param problem why the agents cannot be listed, in one line; empty if they can
     */
    record Round(SortedMap<String, NodeSummary> summaries, int unreachable, int invalid, String problem) {}

    /** Asks all other agents; this may take some seconds. */
    Round collect(long nowMillis);

    /** Ends the connections. */
    @Override
    void close();
}
