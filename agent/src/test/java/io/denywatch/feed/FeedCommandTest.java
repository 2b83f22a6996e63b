package io.denywatch.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.denywatch.cluster.CalicoCluster;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.command.TestWorld;
import io.denywatch.testing.RealApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedCommandTest {
    private static final String FIRST = "denywatch-feed-drop-0";

    @TempDir
    private Path directory = Path.of("");

    /** What one command line led to. */
    private record Result(int code, String out, String err) {
        Result expect(int wanted, String... words) {
            assertEquals(wanted, code, this::toString);
            assertEquals(1, err.lines().count(), this::toString);
            for (String word : words) {
                assertTrue(err.contains(word), () -> word + " is not in " + this);
            }
            return this;
        }
    }

    private static Result run(byte[] input, Object... arguments) {
        TestWorld world = new TestWorld().withInput(input);
        int code =
                world.run(Stream.concat(Stream.of("feed"), Stream.of(arguments)).toArray());
        return new Result(code, world.out(), world.err());
    }

    private static Result admin(String... arguments) {
        Path kubeconfig = RealApiServer.shared().adminKubeconfig();
        return run(
                new byte[0],
                Stream.concat(
                                Stream.of(arguments),
                                Stream.of(
                                        "--kubeconfig", kubeconfig, "--set", "blocklist.api=crd.projectcalico.org/v1"))
                        .toArray());
    }

    private Result sync(String list, String... options) throws IOException {
        Path file = Files.writeString(directory.resolve("list"), list);
        return admin(Stream.concat(Stream.of("sync", "drop", "--file", file.toString()), Stream.of(options))
                .toArray(String[]::new));
    }

    private static @Nullable CalicoCluster shared;

    /** The cluster without any sets; its kinds are defined once, because that takes long. */
    private static synchronized CalicoCluster cluster() {
        CalicoCluster cluster = shared;
        if (cluster == null) {
            cluster = new CalicoCluster(Api.V1)
                    .withPolicies(Api.V1)
                    .withNetworkPolicies(Api.V1)
                    .inform(Api.V1, true);
            shared = cluster;
        }
        cluster.sets(Api.V1).delete();
        return cluster;
    }

    private static Map<String, String> annotations(CalicoCluster cluster) {
        GenericKubernetesResource set = Objects.requireNonNull(cluster.set(Api.V1, FIRST));
        return set.getMetadata().getAnnotations();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            NAME: "Drop" is not allowed  | sync Drop --file -
            NAME: "../x" is not allowed  | remove ../x
            --widest: 7 is not allowed   | sync drop --file - --widest 7
            --widest6: 129               | sync drop --file - --widest6 129
            --url                        | sync drop --url ftp://example.com/
            --proxy                      | sync drop --url https://example.com/ --proxy https://u:p@example.com
            --timeout                    | sync drop --url https://example.com/ --timeout 0s
            --file                       | sync drop
            mutually exclusive           | sync drop --file - --url https://example.com/
            --output                     | list --output xml
            """)
    void whatIsWrongIsNamedInOneLine(String named, String arguments) {
        Result result = run(new byte[0], (Object[]) arguments.split(" "));

        result.expect(2, named);
        assertFalse(result.err().contains("u:p"), result::toString);
    }

    @Test
    void aListIsImportedChangedRejectedAndRemoved() throws IOException {
        CalicoCluster cluster = cluster();
        assertEquals("no feed was imported\n", admin("list").out());

        sync("45.0.0.1\n45.0.0.0/24 ; SBL1\n45.0.2.0/23\n2600:db8::/40\n").expect(0, "drop has 3 nets");
        assertEquals(List.of("45.0.0.0/24", "45.0.2.0/23", "2600:db8::/40"), cluster.nets(Api.V1, FIRST));
        Map<String, String> labels =
                Objects.requireNonNull(cluster.set(Api.V1, FIRST)).getMetadata().getLabels();
        assertEquals(Map.of("denywatch.io/blocklist", "true", "denywatch.io/feed", "drop"), labels);

        Result rejected = sync("<html>no\n").expect(1, "drop is rejected", "(3 nets)", "1 of 1 entries");
        assertEquals("", rejected.out());
        assertTrue(annotations(cluster)
                .getOrDefault("denywatch.io/feed-rejected", "")
                .contains("are not addresses"));
        sync("45.0.0.0/24\n").expect(1, "--force");
        sync("44.0.0.0/8\n45.0.0.0/24\n").expect(1, "44.0.0.0/8 is wider");
        sync("").expect(1, "empty");
        assertEquals(3, cluster.nets(Api.V1, FIRST).size());
        assertTrue(
                admin("list").out().contains("the list is empty"),
                () -> admin("list").out());

        sync("45.0.0.0/24\n", "--force", "--dry-run").expect(0, "would have 1 nets");
        assertEquals(3, cluster.nets(Api.V1, FIRST).size());
        sync("45.0.0.0/24\n", "--force").expect(0, "(0 added, 2 removed)");
        assertEquals(List.of("45.0.0.0/24"), cluster.nets(Api.V1, FIRST));
        assertEquals("", annotations(cluster).get("denywatch.io/feed-rejected"));
        assertTrue(admin("list", "--output", "json").out().contains("\"name\":\"drop\",\"nets\":1"));

        admin("remove", "drop").expect(0, "drop is removed, with its 1 nets");
        assertNull(cluster.set(Api.V1, FIRST));
        admin("remove", "drop").expect(1, "there is no feed drop");
    }

    @Test
    void exemptAddressesAreCutOutAlsoOfTheListThatStays() throws IOException {
        CalicoCluster cluster = cluster();
        String exempt = "blocklist.neverBlock=[45.0.0.128/25]";

        sync("45.0.0.0/24\n192.168.0.0/16\n" + RealApiServer.ADVERTISED + "\n45.0.9.1\n", "--set", exempt)
                .expect(0, "drop has 2 nets", "3 nets of the list are exempt");
        assertEquals(List.of("45.0.0.0/25", "45.0.9.1/32"), cluster.nets(Api.V1, FIRST));

        sync("", "--set", "blocklist.neverBlock=[45.0.9.0/24]").expect(1, "(1 nets)");
        assertEquals(List.of("45.0.0.0/25"), cluster.nets(Api.V1, FIRST));
    }

    @Test
    void anAddressRemovedByHandIsCutOutAndStaysOutWhileItIsExempt() throws IOException {
        CalicoCluster cluster = cluster();
        sync("45.0.0.0/31\n").expect(0, "drop has 1 nets");
        TestWorld world = new TestWorld();

        assertEquals(
                0,
                world.run(
                        "blocklist",
                        "remove",
                        "45.0.0.1",
                        "--allow-for",
                        "1h",
                        "--kubeconfig",
                        RealApiServer.shared().adminKubeconfig(),
                        "--set",
                        "blocklist.api=crd.projectcalico.org/v1"),
                world::err);
        assertEquals(List.of("45.0.0.0/32"), cluster.nets(Api.V1, FIRST));

        sync("45.0.0.0/31\n").expect(0, "1 nets of the list are exempt");
        assertEquals(List.of("45.0.0.0/32"), cluster.nets(Api.V1, FIRST));
    }

    @Test
    void aLongListIsStoredInSeveralSetsAndShrinksAgain() throws IOException {
        CalicoCluster cluster = cluster();
        List<String> list = IntStream.range(0, 5_000)
                .mapToObj(i -> "45." + i / 100 + "." + 2 * (i % 100) + ".1")
                .collect(Collectors.toCollection(ArrayList::new));

        sync(String.join("\n", list)).expect(0, "drop has 5,000 nets");
        assertEquals(2_000, cluster.nets(Api.V1, FIRST).size());
        assertNotNull(cluster.set(Api.V1, "denywatch-feed-drop-2"));

        sync(String.join("\n", list.subList(0, 100)), "--force").expect(0, "drop has 100 nets");
        assertEquals(100, cluster.nets(Api.V1, FIRST).size());
        assertNull(cluster.set(Api.V1, "denywatch-feed-drop-1"));
        assertNull(cluster.set(Api.V1, "denywatch-feed-drop-2"));
    }

    @Test
    void aWebServerIsReadWithinItsLimitsAndItsPasswordStaysSecret() throws IOException {
        CalicoCluster cluster = cluster();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> authorizations = new ArrayList<>();
        server.createContext("/list", exchange -> {
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            byte[] body = "45.0.0.1\n".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.createContext("/plain", exchange -> {
            exchange.getResponseHeaders().add("Location", "http://127.0.0.1/list");
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.createContext("/long", exchange -> {
            exchange.sendResponseHeaders(200, FeedLimits.BYTES_MAX + 1L);
            try {
                exchange.getResponseBody().write(new byte[FeedLimits.BYTES_MAX + 1]);
            } catch (IOException e) {
                // the reader has gone
            }
            exchange.close();
        });
        server.start();
        try {
            String host = "127.0.0.1:" + server.getAddress().getPort();
            admin("sync", "drop", "--url", "http://user:secret@" + host + "/list?key=secret")
                    .expect(0, "drop has 1 nets from http://" + host + "/list");
            assertEquals(List.of("Basic dXNlcjpzZWNyZXQ="), authorizations);
            assertFalse(Objects.requireNonNull(cluster.set(Api.V1, FIRST))
                    .toString()
                    .contains("secret"));
            admin("sync", "drop", "--url", "http://" + host + "/plain").expect(1, "allowed: https URLs");
            admin("sync", "drop", "--url", "http://" + host + "/gone").expect(1, "it answers 404");
            admin("sync", "drop", "--url", "http://" + host + "/long").expect(1, "cannot be read");
            assertEquals(List.of("45.0.0.1/32"), cluster.nets(Api.V1, FIRST));
        } finally {
            server.stop(0);
        }
    }
}
