package io.denywatch.cluster.survey;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterException;
import io.denywatch.cluster.MemoryBudget;
import io.denywatch.policy.Policy;
import io.denywatch.testing.RawServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Policies that somebody creates to take an agent's memory. */
@Timeout(600)
class PolicyReaderLimitTest {
    private static final long SEED = 20_261_202;
    private static final CalicoApi.Origin ORIGIN = new CalicoApi.Origin("projectcalico.org", "v3", true, "v3.31.7");

    private static String policy(int number, String rules) {
        return """
                {"metadata":{"namespace":"n","name":"default.p%d"},"spec":{"tier":"default","types":["Ingress"],"ingress":[%s]}}""".formatted(number, rules);
    }

    private static String joined(int count, String one) {
        return IntStream.range(0, count).mapToObj(_ -> one).collect(Collectors.joining(","));
    }

    @Test
    void policiesWithoutEndAreRefusedAtTheLimitWithWhatToDo(@TempDir Path folder) throws IOException, ClusterException {
        String page = "{\"metadata\":{\"continue\":\"x\"},\"items\":["
                + policy(1, joined(50, "{\"action\":\"Allow\",\"source\":{\"nets\":[\"192.0.2.1/32\"]}}")) + "]}";
        try (RawServer server = new RawServer(out -> out.write(
                        ("HTTP/1.1 200 OK\r\nContent-Length: " + page.length() + "\r\n\r\n" + page).getBytes(UTF_8)));
                ClusterConnection connection = ClusterConnection.open(
                        Optional.of(Files.writeString(folder.resolve("kubeconfig"), """
                                apiVersion: v1
                                kind: Config
                                clusters: [{name: a, cluster: {server: 'http://127.0.0.1:%d'}}]
                                users: [{name: a, user: {token: secret}}]
                                contexts: [{name: a, context: {cluster: a, user: a}}]
                                current-context: a
                                """.formatted(server.port()))),
                        Optional.empty(),
                        "test",
                        System::nanoTime,
                        Duration.ofMinutes(2))) {
            PolicyReader reader = new PolicyReader(connection, new MemoryBudget("Calico's policies", 2 << 20));
            ClusterException refused = assertThrows(ClusterException.class, () -> reader.read(ORIGIN));
            assertEquals(ClusterException.TOO_LARGE, refused.status());
            assertEquals(
                    "Calico's policies are too large: they take more than 2 MiB, the limit for this process; delete"
                            + " some, or give it more memory",
                    refused.getMessage());
        }
    }

    private static long usedBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** Each of what takes much memory for few characters. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"action\":\"Deny\"}",
                "{\"action\":\"Allow\",\"protocol\":\"TCP\",\"source\":{\"nets\":[\"1.2.3.4/32\",\"1.2.3.5\"]},\"destination\":{\"ports\":[80,443]}}",
                "{\"action\":\"Allow\",\"protocol\":6,\"destination\":{\"ports\":[1,2,3,4,5,6,7,8,9]}}",
                "{\"action\":\"Allow\",\"source\":{\"selector\":\"a=='b'\"},\"destination\":{\"notSelector\":\"has(c)\"}}",
                "{\"action\":\"Log\",\"x\":1,\"y\":[2]}",
                "{\"action\":\"Allow\",\"source\":{\"nets\":[\"x\",\"y\"]},\"http\":{\"paths\":[{\"exact\":\"/\"}]}}"
            })
    void whatIsKeptOfPoliciesTakesNoMoreThanIsCounted(String rule) {
        JsonMapper json = new JsonMapper();
        SplittableRandom random = new SplittableRandom(SEED);
        PolicyJson.policy(json.readTree(policy(0, rule))); // what is loaded once
        List<Policy> kept = new ArrayList<>();
        long before = usedBytes();
        long counted = 0;
        for (int i = 0; i < 2_000; i++) {
            JsonNode object = json.readTree(policy(i, joined(1 + random.nextInt(40), rule)));
            kept.add(PolicyJson.policy(object));
            counted += MemoryBudget.sizeOf(object);
        }
        long bytes = usedBytes() - before;
        assertEquals(2_000, kept.size());
        assertTrue(bytes <= counted, "seed " + SEED + ": " + bytes + " bytes kept, " + counted + " counted");
    }
}
