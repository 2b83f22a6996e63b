package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.denywatch.blocklist.Latencies;
import io.denywatch.cluster.RequestCounts.VerbAndCode;
import io.denywatch.testing.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterConnectionTest {
    private static String failure(Path kubeconfig, Optional<String> context) {
        return String.valueOf(assertThrows(
                        ClusterException.class,
                        () -> ClusterConnection.open(Optional.of(kubeconfig), context, "test", System::nanoTime))
                .getMessage());
    }

    @Test
    void aKubeconfigThatIsMissingIsNamed(@TempDir Path folder) {
        Path missing = folder.resolve("none");
        assertEquals("kubeconfig " + missing + " cannot be read", failure(missing, Optional.empty()));
    }

    @Test
    void aKubeconfigThatIsNoneIsNamedInOneLine(@TempDir Path folder) throws IOException {
        Path broken = Files.writeString(folder.resolve("broken"), "clusters: [");
        assertEquals(
                "kubeconfig " + broken + " cannot be used: while parsing a flow node",
                failure(broken, Optional.empty()));
        Path empty = Files.writeString(folder.resolve("empty"), "{}");
        assertEquals(1, failure(empty, Optional.empty()).lines().count());
    }

    @Test
    void aContextThatIsMissingIsNamed() {
        RealApiServer server = RealApiServer.shared();
        assertEquals(
                "context \"other\" is not in the kubeconfig", failure(server.adminKubeconfig(), Optional.of("other")));
    }

    @Test
    void eachRequestIsCountedByVerbAndCodeAndTimedWhereItIsAnswered() throws ClusterException {
        RealApiServer server = RealApiServer.shared();
        AtomicLong nanos = new AtomicLong();
        try (ClusterConnection connection = ClusterConnection.open(
                Optional.of(server.kubeconfig(server.newAccount())), Optional.empty(), "test", nanos::get)) {
            assertThrows(ClusterException.class, () -> connection.list("/api/v1/services", _ -> {}));
            connection.get("/version");
            server.stop();
            ClusterException away = assertThrows(ClusterException.class, () -> connection.get("/version"));
            assertEquals(ClusterException.NO_ANSWER, away.status());
            nanos.addAndGet(RequestMeter.ANSWER_NANOS_MAX);
            RequestCounts counts = connection.requests();
            assertEquals(
                    Map.of(
                            new VerbAndCode(Verb.LIST, "403"), 1L,
                            new VerbAndCode(Verb.GET, "200"), 1L,
                            new VerbAndCode(Verb.GET, "error"), 1L),
                    counts.requests());
            Latencies gets = counts.durations().getOrDefault(Verb.GET, Latencies.NONE);
            assertEquals(1, gets.counts().stream().mapToLong(Long::longValue).sum());
        } finally {
            server.start();
        }
    }
}
