package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.denywatch.count.Histogram;
import io.denywatch.count.RequestCounts;
import io.denywatch.count.RequestCounts.VerbAndCode;
import io.denywatch.testing.RealApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterConnectionTest {
    private static String failure(Path kubeconfig, Optional<String> context) {
        return String.valueOf(assertThrows(
                        ClusterException.class,
                        () -> ClusterConnection.open(
                                Optional.of(kubeconfig), context, "test", System::nanoTime, Duration.ofMinutes(2)))
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
                "kubeconfig " + broken + " cannot be used: it is not what kubectl writes (ParserException)",
                failure(broken, Optional.empty()));
        Path empty = Files.writeString(folder.resolve("empty"), "{}");
        assertEquals(1, failure(empty, Optional.empty()).lines().count());
    }

    @Test
    void aTokenThatIsTakenForAKubeconfigIsNotShown(@TempDir Path folder) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "eyJhbGciOiJSUzI1NiJ9");
        String said = failure(token, Optional.empty());
        assertFalse(said.contains("eyJ"), said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "server: 'https://not a host'",
                "server: 'https://127.0.0.1:1', certificate-authority: /does/not/exist"
            })
    void aClusterThatCannotBeReachedByWhatIsSaidOfItIsOneLine(String cluster, @TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {%s}}]
                users: [{name: a, user: {token: secret}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """.formatted(cluster));
        String said = failure(file, Optional.empty());
        assertEquals(1, said.lines().count(), said);
        assertFalse(said.contains("secret"), said);
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
                Optional.of(server.kubeconfig(server.newAccount())),
                Optional.empty(),
                "test",
                nanos::get,
                Duration.ofMinutes(2))) {
            assertThrows(
                    ClusterException.class,
                    () -> connection.list("/api/v1/services", MemoryBudget.ofHeap("services"), _ -> 0));
            connection.get("/version");
            server.stop();
            ClusterException away = assertThrows(ClusterException.class, () -> connection.get("/version"));
            assertEquals(ClusterException.NO_ANSWER, away.status());
            nanos.addAndGet(RequestMeter.ANSWER_NANOS_MAX);
            RequestCounts counts = connection.requests();
            assertEquals(
                    Map.of(
                            new VerbAndCode("list", "403"), 1L,
                            new VerbAndCode("get", "200"), 1L,
                            new VerbAndCode("get", "error"), 1L),
                    counts.answered());
            Histogram gets = counts.seconds().getOrDefault("get", Histogram.SECONDS);
            assertEquals(1, gets.counts().stream().mapToLong(Long::longValue).sum());
        } finally {
            server.start();
        }
    }
}
