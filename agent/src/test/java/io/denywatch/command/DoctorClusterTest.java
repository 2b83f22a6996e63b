package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class DoctorClusterTest {
    @TempDir
    private Path root = Path.of("");

    private List<String> ids(TestWorld world, Object... options) {
        Object[] all = new Object[options.length + 5];
        System.arraycopy(new Object[] {"doctor", "--output", "json", "--root", root}, 0, all, 0, 5);
        System.arraycopy(options, 0, all, 5, options.length);
        assertEquals(1, world.run(all), world::err); // there is no log in this directory
        return new JsonMapper()
                .readTree(world.out())
                .get("findings")
                .valueStream()
                .map(finding -> finding.get("id").asString())
                .toList();
    }

    @Test
    void asksNoClusterWhereNoneIsNamed() {
        assertFalse(ids(new TestWorld()).contains("cluster-unreachable"));
    }

    @Test
    void tellsThatTheClusterDoesNotAnswerBesideWhatIsWrongWithTheNode() throws IOException {
        Path kubeconfig = Files.writeString(root.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
                contexts: [{name: c, context: {cluster: c, user: u}}]
                users: [{name: u, user: {token: t}}]
                current-context: c
                """);

        List<String> ids = ids(new TestWorld(), "--kubeconfig", kubeconfig);

        assertTrue(ids.containsAll(List.of("cluster-unreachable", "log-missing")), ids::toString);
    }

    @Test
    void tellsThatNoClusterCanBeAskedWhereTheConfigurationNeedsOne() {
        List<String> ids = ids(
                new TestWorld().withEnvironment(Map.of("NODE_NAME", "worker-1")),
                "--set",
                "blocklist.mode=enforce",
                "--kubeconfig",
                root.resolve("none"));

        assertTrue(ids.contains("cluster-unreachable"), ids::toString);
    }

    @Test
    void asksTheClusterThatIsNamed() {
        List<String> ids =
                ids(new TestWorld(), "--kubeconfig", RealApiServer.shared().adminKubeconfig());

        assertFalse(ids.contains("cluster-unreachable"), ids::toString);
        assertTrue(ids.contains("calico-api") || ids.contains("calico-missing"), ids::toString);
    }
}
