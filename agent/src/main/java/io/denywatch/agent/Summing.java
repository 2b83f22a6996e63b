package io.denywatch.agent;

import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.EnforcementGate;
import io.denywatch.blocklist.LogTrust;
import io.denywatch.config.Configuration;
import io.denywatch.config.Setting;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.detection.NodeSummary;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.doctor.Finding;
import io.denywatch.doctor.FindingKind;
import io.denywatch.process.ProcessContext;
import io.denywatch.sums.AgentState;
import io.denywatch.sums.ClusterRules;
import io.denywatch.sums.ClusterRulesStatus;
import io.denywatch.sums.HttpSummaries;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reports what this node counted for rules of the whole cluster, and decides on them if this agent leads. */
sealed interface Summing extends AutoCloseable {
    /** Starts the thread that decides. */
    void start(Loops loops);

    /** What this agent reports. */
    NodeSummary summary();

    /** Sources that reached a threshold on all nodes together. */
    Detections detections();

    /** What the last decision was based on. */
    ClusterRulesStatus status();

    /** The diagnosis, with what these rules lack. */
    Diagnosis with(Diagnosis diagnosis);

    /** Ends the connections to other agents; the thread must have ended. */
    @Override
    void close();

    /** There are no such rules. */
    record WithoutClusterRules() implements Summing {
        @Override
        public void start(Loops loops) {
            // nothing to decide
        }

        @Override
        public NodeSummary summary() {
            return NodeSummary.NONE;
        }

        @Override
        public Detections detections() {
            return Detections.NONE;
        }

        @Override
        public ClusterRulesStatus status() {
            return ClusterRulesStatus.OFF;
        }

        @Override
        public Diagnosis with(Diagnosis diagnosis) {
            return diagnosis;
        }

        @Override
        public void close() {
            // nothing was opened
        }
    }

    /** There are such rules. */
    final class WithClusterRules implements Summing {
        private final Counting counting; // not owned
        private final Cluster cluster; // not owned
        private final boolean enforces;
        private final HttpSummaries others;
        private final ClusterRules rules;

        private WithClusterRules(
                Configuration configuration, ProcessContext world, Counting counting, Cluster cluster) {
            this.counting = counting;
            this.cluster = cluster;
            Configuration.BlocklistSettings blocklist = configuration.blocklist();
            enforces = blocklist.mode() == BlocklistMode.ENFORCE;
            List<DetectionRule> ofCluster = blocklist.rules().stream()
                    .filter(DetectionRule::isOfCluster)
                    .toList();
            others = new HttpSummaries(cluster::otherAgents, ofCluster);
            rules = new ClusterRules(
                    ofCluster,
                    configuration.node(),
                    () -> cluster.leadership().isHere(),
                    this::summary,
                    others,
                    world.clock(),
                    blocklist.limits().newEntriesPerMinuteMax());
        }

        @Override
        public void start(Loops loops) {
            loops.startWaiting("sums", rules::poll);
        }

        @Override
        public NodeSummary summary() {
            NodeSummary made = counting.summary();
            String why = withheld();
            return why.isEmpty() ? made : NodeSummary.withheld(made.at(), why);
        }

        /** Why packets of this node may not lead to a block; empty if they may. */
        private String withheld() {
            if (counting.trust() == LogTrust.REFUSED) {
                return "the log is not trusted: " + Setting.BLOCKLIST_REQUIRE_TRUSTED_LOG.key();
            }
            return enforces && !(cluster.gate() instanceof EnforcementGate.Granted)
                    ? "logged packets are not proven to be denied"
                    : "";
        }

        @Override
        public Detections detections() {
            return rules.detections();
        }

        @Override
        public ClusterRulesStatus status() {
            return rules.status();
        }

        @Override
        public Diagnosis with(Diagnosis diagnosis) {
            List<Finding> findings = Stream.concat(diagnosis.findings().stream(), findings(rules.status()).stream())
                    .toList();
            return new Diagnosis(diagnosis.atMillis(), findings, diagnosis.enforcement());
        }

        private List<Finding> findings(ClusterRulesStatus status) {
            List<Finding> found = new ArrayList<>();
            if (!status.leads() && cluster.leadership().leader().isEmpty()) {
                String problem = cluster.leadership().problem();
                found.add(FindingKind.CLUSTER_RULES_WITHOUT_LEADER.found(
                        "no agent is elected" + (problem.isEmpty() ? "" : ": " + problem)));
            }
            Map<AgentState, Integer> agents = status.agents();
            String missing = Stream.of(AgentState.UNREACHABLE, AgentState.INVALID, AgentState.CLOCK)
                    .filter(state -> agents.getOrDefault(state, 0) > 0)
                    .map(state -> agents.get(state) + " " + state.label())
                    .collect(Collectors.joining(", "));
            if (!missing.isEmpty() || !status.problem().isEmpty()) {
                int all = agents.values().stream().mapToInt(Integer::intValue).sum();
                found.add(FindingKind.CLUSTER_RULES_AGENTS_MISSING.found(
                        missing.isEmpty() ? status.problem() : "of " + all + " agents: " + missing));
            }
            return found;
        }

        @Override
        public void close() {
            others.close();
        }
    }

    /** Starts nothing yet. */
    static Summing of(Configuration configuration, ProcessContext world, Counting counting, Cluster cluster) {
        return configuration.hasClusterRules()
                ? new WithClusterRules(configuration, world, counting, cluster)
                : new WithoutClusterRules();
    }
}
