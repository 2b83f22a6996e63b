package io.denywatch.top;

import static java.net.HttpURLConnection.HTTP_NOT_FOUND;

import io.denywatch.cluster.AgentPods;
import io.denywatch.cluster.AgentPods.Pod;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The agents of a cluster, one in each pod with the given labels; of all nodes or of some. */
final class PodAgents implements AgentFinder {

    /** Maximum number of nodes named in an error; a cluster may have thousands. */
    private static final int NAMED_MAX = 10;

    private final ClusterConnection connection;
    private final AgentPods pods;
    private final String namespace;
    private final String selector;
    private final Set<String> nodes; // empty for all

    /**
     * Creates a finder and sends nothing yet.
     *
     * @param connection owned from now on
     * @param nodes the nodes whose agents are wanted; empty for all
     */
    PodAgents(ClusterConnection connection, String namespace, String selector, Set<String> nodes) {
        this.connection = connection;
        this.namespace = namespace;
        this.selector = selector;
        this.nodes = nodes;
        pods = new AgentPods(connection, namespace);
    }

    @Override
    public List<AgentEndpoint> list() throws Unanswered {
        List<Pod> found;
        try {
            found = pods.list(selector);
        } catch (ClusterException e) {
            throw new Unanswered("pods of the agents: " + e.getMessage(), false);
        }
        if (found.isEmpty()) {
            throw new Unanswered(
                    "no pod in namespace " + namespace + " has the labels " + selector
                            + ": see --namespace and --selector",
                    true);
        }
        return wanted(found).stream().<AgentEndpoint>map(PodAgent::new).toList();
    }

    /** Fails if a node has no agent, because it would look like a quiet node. */
    private List<Pod> wanted(List<Pod> found) throws Unanswered {
        if (nodes.isEmpty()) {
            return found;
        }
        Set<String> without = new TreeSet<>(nodes);
        Set<String> with = new TreeSet<>();
        for (Pod pod : found) {
            if (!pod.node().isEmpty()) {
                with.add(pod.node());
            }
        }
        without.removeAll(with);
        if (!without.isEmpty()) {
            throw new Unanswered(
                    "no agent's pod in namespace " + namespace + " is on " + named(without) + "; nodes with one: "
                            + (with.isEmpty() ? "none" : named(with)),
                    true);
        }
        return found.stream().filter(pod -> nodes.contains(pod.node())).toList();
    }

    private static String named(Set<String> nodes) {
        return nodes.stream().limit(NAMED_MAX).collect(Collectors.joining(", "))
                + (nodes.size() > NAMED_MAX ? " and " + (nodes.size() - NAMED_MAX) + " more" : "");
    }

    private final class PodAgent implements AgentEndpoint {
        private final Pod pod;

        PodAgent(Pod pod) {
            this.pod = pod;
        }

        @Override
        public String name() {
            return pod.name() + (pod.node().isEmpty() ? "" : " on " + pod.node());
        }

        @Override
        public JsonNode get(String document) throws Unanswered {
            if (!pod.isRunning()) {
                throw new Unanswered("the pod is " + pod.phase(), false);
            }
            try {
                return pods.get(pod, document);
            } catch (ClusterException e) {
                throw new Unanswered(String.valueOf(e.getMessage()), e.status() == HTTP_NOT_FOUND);
            }
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
