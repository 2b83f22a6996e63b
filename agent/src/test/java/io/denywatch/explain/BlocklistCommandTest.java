package io.denywatch.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.cluster.CalicoCluster;
import io.denywatch.cluster.CalicoCluster.Api;
import io.denywatch.command.TestWorld;
import io.denywatch.testing.RealApiServer;
import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BlocklistCommandTest {
    private static final String MANUAL = "denywatch-manual";
    private static final PolicyRule LOOK =
            rule("projectcalico.org", List.of("globalnetworksets", "clusterinformations"), "get", "list");
    private static final PolicyRule REGISTRATION = rule("apiregistration.k8s.io", List.of("apiservices"), "get");
    private static final PolicyRule CHANGE =
            rule("projectcalico.org", List.of("globalnetworksets"), "create", "update");

    private static PolicyRule rule(String group, List<String> resources, String... verbs) {
        return new PolicyRuleBuilder()
                .withApiGroups(group)
                .withResources(resources)
                .withVerbs(verbs)
                .build();
    }

    /** What one command line led to. */
    private record Result(int code, String out, String err) {
        void expect(int wanted, String... words) {
            assertEquals(wanted, code, this::toString);
            assertEquals(1, err.lines().count(), this::toString);
            for (String word : words) {
                assertTrue(err.contains(word), () -> word + " is not in " + this);
            }
        }

        JsonNode json() {
            return new JsonMapper().readTree(out);
        }
    }

    private static Result run(Object... arguments) {
        TestWorld world = new TestWorld();
        Object[] all =
                Stream.concat(Stream.of("blocklist"), Stream.of(arguments)).toArray();
        int code = world.run(all);
        return new Result(code, world.out(), world.err());
    }

    private static Result run(Path kubeconfig, String... arguments) {
        return run(Stream.concat(Stream.of(arguments), Stream.of("--kubeconfig", kubeconfig.toString()))
                .toArray());
    }

    /** Each is refused before anybody is asked. */
    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of("198.51.100.0/24", "add 198.51.100.0/24 --for 1h --reason x"),
                Arguments.of("2001:db8::/63", "add 2001:db8::/63 --for 1h --reason x"),
                Arguments.of("0.0.0.0/0", "add 0.0.0.0/0 --for 1h --reason x --force"),
                Arguments.of("198.51.100.300", "add 198.51.100.300 --for 1h --reason x"),
                Arguments.of("192.0.2.0/24", "add 192.0.2.1/24 --for 1h --reason x"),
                Arguments.of("--for", "add 198.51.100.7 --reason x"),
                Arguments.of("--reason", "add 198.51.100.7 --for 1h"),
                Arguments.of("--for: \"1y\"", "add 198.51.100.7 --for 1y --reason x"),
                Arguments.of("--for: \"0s\"", "add 198.51.100.7 --for 0s --reason x"),
                Arguments.of("to 366d", "add 198.51.100.7 --for 9999999d --reason x"),
                Arguments.of("--allow-for: \"1s\"", "remove 198.51.100.7 --allow-for 1s"),
                Arguments.of("from 5m", "remove 198.51.100.7 --allow-for 299s"),
                Arguments.of("to 366d", "remove 198.51.100.7 --allow-for 367d"),
                Arguments.of("--output: \"xml\"", "list --output xml"),
                Arguments.of("--output: \"xml\"", "explain 198.51.100.7 --output xml"),
                Arguments.of("allowed: an IP address", "explain somebody"),
                Arguments.of("IP", "explain"),
                Arguments.of("nearest", "list --set blocklist.moed=off"),
                Arguments.of("subcommand", ""));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void whatIsWrongIsNamedInOneLine(String named, String arguments) {
        Object[] words = arguments.isEmpty() ? new Object[0] : arguments.split(" ");
        Result result = run(words);
        assertEquals(2, result.code(), result::toString);
        assertEquals(1, result.err().lines().count(), result::toString);
        assertTrue(named.equals("nearest") || result.err().contains(named), result::toString);
    }

    @Test
    void whereNobodyListensOneLineNamesWhatWasTried(@TempDir Path folder) throws IOException {
        Path nobody = Files.writeString(folder.resolve("config"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]
                users: [{name: a, user: {token: secret}}]
                contexts: [{name: a, context: {cluster: a, user: a}}]
                current-context: a
                """);
        for (String each : List.of("list", "explain 45.0.0.1", "add 45.0.0.1 --for 1h --reason x", "remove 45.0.0.1")) {
            run(nobody, each.split(" ")).expect(1, "no answer", "ConnectException");
        }
    }

    @Test
    void setsThatExemptSourcesAreListedAndNamedInRefusals() {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true);
        cluster.make(Api.V3, "partners", Map.of("denywatch.io/never-block", "true"), "45.0.0.0/24", "45.0.2.1");
        Path admin = RealApiServer.shared().adminKubeconfig();
        String set = "set partners, labelled denywatch.io/never-block";

        run(admin, "add", "45.0.0.1", "--for", "1h", "--reason", "x")
                .expect(1, "45.0.0.1 is never to be blocked: 45.0.0.0/24 (" + set + ", if the agents have");
        run(admin, "add", "45.0.1.1", "--for", "1h", "--reason", "x").expect(0, "45.0.1.1 is blocked");
        String list =
                run(admin, "list", "--set", "blocklist.liveExemptions=true").out();
        assertTrue(list.contains("no agent may block the addresses in " + set + ": 2 nets\n"), list);
        String explained = run(admin, "explain", "45.0.0.1", "--set", "blocklist.liveExemptions=true")
                .out();
        assertTrue(explained.contains("no agent may block it: 45.0.0.0/24 (set partners,"), explained);
        JsonNode json = run(admin, "list", "--output", "json").json();
        assertEquals(2, json.path("exemptSets").size(), json::toString);
    }

    @Test
    void whatIsAddedIsListedExplainedAndTakenOutAgain() {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true);
        Path admin = RealApiServer.shared().adminKubeconfig();

        assertEquals("no source is blocked\n", run(admin, "list").out());
        run(admin, "add", "45.0.0.1", "--for", "1h", "--reason", "ticket 4711, \"ä\"")
                .expect(0, "45.0.0.1 is blocked");
        run(admin, "add", "2600:DB8:0:1::/64", "--for", "2h", "--reason", "v6").expect(0, "2600:db8:0:1::/64");
        assertEquals(List.of("45.0.0.1/32", "2600:db8:0:1::/64"), cluster.nets(Api.V3, MANUAL));

        String list = run(admin, "list").out();
        assertTrue(list.contains("ticket 4711, \"ä\""), list);
        JsonNode all = run(admin, "list", "--output", "json").json();
        assertEquals(2, all.path("manual").size(), all::toString);
        JsonNode one =
                run(admin, "explain", "2600:db8:0:1:2::3", "--output", "json").json();
        assertTrue(one.path("blocked").asBoolean(), one::toString);
        assertEquals(
                "2600:db8:0:1::/64", one.path("manual").path(0).path("source").asString(""), one::toString);
        assertTrue(run(admin, "explain", "45.0.0.2").out().startsWith("45.0.0.2 is not blocked"));

        run(admin, "remove", "45.0.0.0/8", "--allow-for", "1h").expect(0, "45.0.0.0/8 is taken out of " + MANUAL);
        assertEquals(List.of("2600:db8:0:1::/64"), cluster.nets(Api.V3, MANUAL));
        assertTrue(run(admin, "list").out().contains("no agent may block 45.0.0.0/8 until"));
        run(admin, "remove", "46.0.0.1").expect(0, "46.0.0.1 was not blocked");
    }

    @Test
    void whoIsNeverToBeBlockedIsBlockedOnlyByForce() {
        CalicoCluster cluster = new CalicoCluster(Api.V3).inform(Api.V3, true);
        Path admin = RealApiServer.shared().adminKubeconfig();
        String[] add = {"add", RealApiServer.ADVERTISED, "--for", "1h", "--reason", "x"};

        run(admin, add).expect(1, "is never to be blocked", "--force");
        String explained = run(admin, "explain", RealApiServer.ADVERTISED).out();
        assertTrue(explained.contains("no agent may block it: "), explained);

        run(admin, Stream.concat(Stream.of(add), Stream.of("--force")).toArray(String[]::new))
                .expect(0, "is blocked");
        assertEquals(List.of(RealApiServer.ADVERTISED + "/32"), cluster.nets(Api.V3, MANUAL));
    }

    @Test
    void whoMayOnlyReadTheSetsSeesThemAndIsToldWhatElseCannotBeSeen() {
        new CalicoCluster(Api.V3).inform(Api.V3, true);
        RealApiServer server = RealApiServer.shared();
        Account reader = server.newAccount();
        server.grant(reader, LOOK, REGISTRATION);
        run(server.adminKubeconfig(), "add", "45.0.0.1", "--for", "1h", "--reason", "4711");
        Path kubeconfig = server.kubeconfig(reader);

        Result list = run(kubeconfig, "list");
        assertEquals(0, list.code(), list::toString);
        assertEquals("", list.err());
        Result explain = run(kubeconfig, "explain", "45.0.0.1");
        explain.expect(0, "not all exempt addresses are known", "missing: list, watch on services");
        assertTrue(explain.out().contains("4711"), explain::toString);
        run(kubeconfig, "add", "45.0.0.2", "--for", "1h", "--reason", "x").expect(1, "list, watch on nodes", "--force");
        run(kubeconfig, "add", "45.0.0.2", "--for", "1h", "--reason", "x", "--force")
                .expect(1, "403", "globalnetworksets");
        run(kubeconfig, "remove", "45.0.0.1").expect(1, "403", "globalnetworksets");

        server.grant(reader, LOOK, REGISTRATION, CHANGE);
        run(kubeconfig, "add", "45.0.0.2", "--for", "1h", "--reason", "x", "--force")
                .expect(0, "45.0.0.2 is blocked");
    }

    @Test
    void whereCalicosStoreIsLockedNothingIsAskedFurther() {
        new CalicoCluster(Api.V3).inform(Api.V3, false);
        run(RealApiServer.shared().adminKubeconfig(), "add", "45.0.0.2", "--for", "1h", "--reason", "x")
                .expect(1, "datastoreReady");
    }
}
