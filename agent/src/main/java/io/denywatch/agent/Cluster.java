package io.denywatch.agent;

import io.denywatch.blocklist.BlocklistStore;
import io.denywatch.blocklist.DecisionListener;
import io.denywatch.blocklist.EnforcementGate;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.Leadership;
import io.denywatch.cluster.sets.SetWatch;
import io.denywatch.config.Configuration;
import io.denywatch.count.RequestCounts;
import io.denywatch.denial.BlockedPrefixes;
import io.denywatch.denial.DiscoveredLoadBalancers;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.exposition.SharedWork;
import io.denywatch.process.ProcessContext;
import io.denywatch.sums.HttpSummaries.AgentAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** An agent's view of its cluster. Thread-safe. */
sealed interface Cluster extends AutoCloseable permits ClusterLink, Cluster.None {
    /** The cluster of the agent, or {@link None} where the configuration needs no cluster. */
    static Cluster open(Configuration configuration, ProcessContext world) {
        return configuration.usesCluster() ? ClusterLink.open(configuration, world) : new None();
    }

    /** Starts the threads that ask the cluster. */
    void start(Loops loops);

    /** Services of type LoadBalancer; empty until they are known. */
    Optional<DiscoveredLoadBalancers> loadBalancers();

    /** Addresses of the cluster itself, which are never blocked; empty until all of them are known. */
    Optional<List<Range>> ranges();

    /** Sources that policies allow by address, which are never blocked; empty until the policies were read once. */
    Optional<List<Range>> allowed();

    /** What network sets with the label exempt; empty until they are known. None if the configuration asks for none. */
    Optional<List<Range>> liveExemptions();

    /**
     * The sets of the whole cluster that the blocklist's policy selects; never known unless the configuration counts
     * what is blocked.
     */
    SetWatch.Sets blockedSets();

    /** The addresses in these sets; none until they are known. */
    BlockedPrefixes blocked();

    /**
     * The start of the prefix of lines about established connections, as FelixConfiguration sets it; empty if it does
     * not.
     */
    String responseBase();

    /** Which agent decides for the whole cluster. */
    Leadership leadership();

    /** The other agents, at most one of each node. */
    List<AgentAddress> otherAgents() throws ClusterException;

    /** Requests to the API server. */
    RequestCounts requests();

    /** The work that one agent does for all. */
    SharedWork sharedWork();

    /** What doctor found when it last looked. */
    Diagnosis diagnosis();

    /** Whether logged packets are known to be denied. */
    EnforcementGate gate();

    /**
     * Where this node's blocklist is stored.
     *
     * @param neverBlock the exemptions known so far
     */
    BlocklistStore store(Supplier<NeverBlock> neverBlock);

    /** Writes decisions as events of the node. */
    DecisionListener events();

    /** Ends the connection; its threads must have ended. */
    @Override
    void close();

    /** The cluster of an agent that needs none. Nothing can be stored or blocked through it. */
    record None() implements Cluster {
        @Override
        public void start(Loops loops) {
            // nothing to ask
        }

        @Override
        public Optional<DiscoveredLoadBalancers> loadBalancers() {
            return Optional.of(DiscoveredLoadBalancers.NONE);
        }

        @Override
        public Optional<List<Range>> ranges() {
            return Optional.of(List.of());
        }

        @Override
        public Optional<List<Range>> allowed() {
            return Optional.of(List.of());
        }

        @Override
        public Optional<List<Range>> liveExemptions() {
            return Optional.of(List.of());
        }

        @Override
        public SetWatch.Sets blockedSets() {
            return SetWatch.Sets.UNKNOWN;
        }

        @Override
        public BlockedPrefixes blocked() {
            return BlockedPrefixes.NONE;
        }

        @Override
        public String responseBase() {
            return "";
        }

        @Override
        public Leadership leadership() {
            return new Leadership.NoElection();
        }

        @Override
        public List<AgentAddress> otherAgents() {
            return List.of();
        }

        @Override
        public RequestCounts requests() {
            return RequestCounts.NONE;
        }

        @Override
        public SharedWork sharedWork() {
            return SharedWork.NONE;
        }

        @Override
        public Diagnosis diagnosis() {
            return Diagnosis.NONE;
        }

        @Override
        public EnforcementGate gate() {
            return new EnforcementGate.Withheld("there is no cluster whose policies could be checked");
        }

        @Override
        public BlocklistStore store(Supplier<NeverBlock> neverBlock) {
            throw new IllegalStateException("a blocklist that is enforced needs a cluster");
        }

        @Override
        public DecisionListener events() {
            return (decision, mode, now) -> {};
        }

        @Override
        public void close() {
            // nothing was opened
        }
    }
}
