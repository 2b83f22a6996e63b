package io.denywatch.explain;

import io.denywatch.api.Enforcement;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.ip.IpPrefix;
import io.denywatch.top.AgentReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything known about an address, to explain why it is blocked or not. Immutable.
 *
 * @param asked an address, or a block of them
 * @param sets the cluster's blocklist
 * @param never the exempt range that contains it, if any
 * @param agents reports of the agents that responded
 * @param silent nodes whose agents did not respond
 * @param logs what was found in the logs that were read
 */
record Explanation(
        IpPrefix asked,
        List<BlocklistSet> sets,
        Optional<NeverBlock.Range> never,
        List<AgentReport> agents,
        List<String> silent,
        List<SourceLog.Findings> logs,
        Instant now) {
    /** Copies the lists. */
    Explanation {
        sets = List.copyOf(sets);
        agents = List.copyOf(agents);
        silent = List.copyOf(silent);
        logs = List.copyOf(logs);
    }

    /** The latest established response to the address, from agents and logs. */
    Optional<Instant> established() {
        return agents.stream()
                .flatMap(agent -> agent.answered().stream())
                .max(Instant::compareTo)
                .or(() ->
                        logs.stream().flatMap(log -> log.established().stream()).max(Instant::compareTo));
    }

    /** Whether the blocklist is enforced, according to the agents that responded; missing if any of them says so. */
    Enforcement enforcement() {
        List<String> told = agents.stream().map(AgentReport::enforcement).toList();
        return Stream.of(Enforcement.MISSING, Enforcement.ACTIVE)
                .filter(known -> told.contains(known.label()))
                .findFirst()
                .orElse(Enforcement.UNKNOWN);
    }

    /** What the agent of a node says. */
    Optional<AgentReport> agent(String node) {
        return agents.stream().filter(agent -> agent.node().equals(node)).findFirst();
    }
}
