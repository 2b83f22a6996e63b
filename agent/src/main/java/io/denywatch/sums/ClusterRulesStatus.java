package io.denywatch.sums;

import java.util.Map;

/**
 * A snapshot of what the decisions on the whole cluster are based on. Immutable; published through one volatile field.
 *
 * @param configured whether there are rules with scope {@code cluster}
 * @param leads whether this agent decides
 * @param agents agents in the last round by state, this one included; empty unless this agent decides
 * @param detections sources that reached a threshold and were passed on for a decision, since start
 * @param established sources that reached a threshold in the last round, but have an established connection
 * @param problem in one line; empty if all is well
 */
public record ClusterRulesStatus(
        boolean configured,
        boolean leads,
        Map<AgentState, Integer> agents,
        long detections,
        int established,
        String problem) {
    /** There are no such rules. */
    public static final ClusterRulesStatus OFF = new ClusterRulesStatus(false, false, Map.of(), 0, 0, "");

    /** Copies the map. */
    public ClusterRulesStatus {
        agents = Map.copyOf(agents);
    }
}
