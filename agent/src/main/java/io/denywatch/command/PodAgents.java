package io.denywatch.command;

import io.denywatch.cluster.AgentPods;
import io.denywatch.cluster.AgentPods.Pod;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The agents of a cluster, one in each pod that has the labels. */
final class PodAgents implements Agents {
    private static final int NOT_FOUND = 404;

    private final ClusterConnection connection;
    private final AgentPods pods;
    private final String namespace;
    private final String selector;

    /**
     * Nothing is sent yet.
     *
     * @param connection owned from now on
     */
    PodAgents(ClusterConnection connection, String namespace, String selector) {
        this.connection = connection;
        this.namespace = namespace;
        this.selector = selector;
        pods = new AgentPods(connection, namespace);
    }

    @Override
    public List<Agent> list() throws Unanswered {
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
        return found.stream().<Agent>map(PodAgent::new).toList();
    }

    private final class PodAgent implements Agent {
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
                throw new Unanswered(String.valueOf(e.getMessage()), e.status() == NOT_FOUND);
            }
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
