package io.denywatch.top;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.command.FakeAgents;
import io.denywatch.command.TestWorld;
import io.denywatch.testing.RawServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TopCommandTest {
    private final TestWorld world = new TestWorld();
    private final FakeAgents agents;

    @TempDir
    private Path directory = Path.of("");

    TopCommandTest() throws IOException {
        agents = new FakeAgents();
    }

    @AfterEach
    void close() {
        agents.close();
    }

    private int top(Object... arguments) {
        return world.run(Stream.concat(Stream.of("top"), Stream.of(arguments)).toArray());
    }

    private JsonNode json() {
        return new JsonMapper().readTree(world.out());
    }

    private Object[] ofCluster() throws IOException {
        return new Object[] {"--kubeconfig", agents.kubeconfig(directory), "--output", "json"};
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--sort x;--sort: \"x\" is not allowed; allowed: rate, packets, bytes, sources, name",
                "--every 0s;--every: \"0s\" is not allowed",
                "--every 2h;--every: \"2h\" is not allowed",
                "--every fast;--every: \"fast\" is not allowed",
                "--limit 0;--limit: 0 is not allowed; allowed: a number from 1 to 1000",
                "--limit 1001;--limit: 1001 is not allowed",
                "--nlb web;--nlb: \"web\" is not allowed; allowed: an IP address, or other",
                "--output xml;--output: \"xml\" is not allowed",
                "--url ftp://x;--url: \"ftp://x\" is not allowed; allowed: a URL such as http://10.0.0.1:9464",
                "--url http://x?a=b;--url: \"http://x?a=b\" is not allowed",
                "--url http://x --namespace y;--url: \"http://x\" is not allowed beside --kubeconfig",
                "--url http://x --node n1;--url: \"http://x\" is not allowed beside --kubeconfig, --context, --namespace,"
                        + " --selector and --node; allowed: one of the two",
                "--node n1,n2;--node: \"n1,n2\" is not allowed; allowed: the name of a node",
                "--node n1 --node node/n2;--node: \"node/n2\" is not allowed",
                "--node -n1;--node: \"-n1\" is not allowed",
                "--node=;--node: \"\" is not allowed; allowed: the name of a node",
                "--namespace ../x;--namespace: \"../x\" is not allowed; allowed: the name of a namespace",
            })
    void wrongUsageIsOneLineThatNamesTheOption(String arguments, String problem) {
        assertEquals(2, top((Object[]) arguments.split(" ")));
        assertEquals(1, world.err().lines().count(), world.err());
        assertTrue(world.err().startsWith("denywatch top: " + problem), world.err());
        assertEquals("", world.out());
    }

    @Test
    void severalAgentsAreAddedUp() {
        assertEquals(0, top("--url", agents.url("n1"), "--url", agents.url("n3"), "--output", "json"));

        JsonNode document = json();
        assertEquals(2, document.at("/agents/answering").asInt());
        assertEquals(400, document.at("/nlbs/0/packets").asInt());
        assertEquals(24_000, document.at("/nlbs/0/bytes").asInt());
        assertEquals(1, document.at("/nlbs/0/sourcesAtLeast").asInt());
        assertEquals(2, document.at("/nlbs/0/sourcesAtMost").asInt());
        assertEquals(400, document.at("/sources/0/packets").asInt());
        assertEquals(400, document.at("/sources/0/atMost").asInt());
        assertEquals(410, document.at("/lines/read").asInt());
        assertEquals("", world.err());
    }

    @Test
    void withoutATerminalItPrintsTextWithoutAnyEscapeSequence() {
        assertEquals(0, top("--url", agents.url("n1")));

        assertTrue(world.out().contains("shop/web"), world.out());
        assertTrue(world.out().contains("198.51.100.1"), world.out());
        assertEquals(-1, world.out().indexOf('\u001b'), world.out());
    }

    @Test
    void anAgentThatDoesNotAnswerIsNamedAndTheRestShown() {
        agents.refusing("/n2", 503);

        assertEquals(0, top("--url", agents.url("n1"), "--url", agents.url("n2"), "--output", "json"));

        assertEquals(100, json().at("/nlbs/0/packets").asInt());
        assertEquals(agents.url("n2"), json().at("/agents/silent/0/name").asString());
        assertEquals(
                "it answers 503: the log is being read",
                json().at("/agents/silent/0/problem").asString());
    }

    @Test
    void noAnswerAtAllIsAFailureThatNamesTheAgents() {
        assertEquals(1, top("--url", "http://127.0.0.1:1", "--once"));

        assertEquals("", world.out());
        assertTrue(
                world.err().startsWith("denywatch top: no agent answers: http://127.0.0.1:1: it cannot be reached"),
                world.err());
    }

    @Test
    void whatIsNoAgentIsNamed() {
        assertEquals(1, top("--url", agents.url("n1/x"), "--once"));

        assertTrue(world.err().contains("the response is not that of an agent: no list of nlbs"), world.err());
    }

    @Test
    void aLoadBalancerThatNobodyCountsIsNothingAndNoFailure() {
        assertEquals(0, top("--url", agents.url("n1"), "--nlb", "203.0.113.99"));

        assertTrue(world.out().contains("No packet has been counted for 203.0.113.99."), world.out());
    }

    @Test
    void theAgentsOfAClusterAreAskedThroughItsApi() throws IOException {
        agents.withPods(List.of("n1", "n2", "n3"));

        assertEquals(0, top(ofCluster()));

        assertEquals(600, json().at("/nlbs/0/packets").asInt());
        assertEquals(
                List.of("n1", "n2", "n3"),
                json().at("/agents/nodes").valueStream().map(JsonNode::asString).toList());
        assertTrue(
                agents.asked().contains("/api/v1/namespaces/denywatch/pods/denywatch-n2:9999/proxy/api/v1/nlbs"),
                () -> agents.asked().toString());
        assertTrue(
                agents.asked()
                        .getFirst()
                        .endsWith("labelSelector=app.kubernetes.io%2Fname%3Ddenywatch%2C"
                                + "app.kubernetes.io%2Fcomponent%3Dagent"),
                () -> agents.asked().toString());
    }

    @Test
    void anAgentThatHangsIsGivenUpAndSaid() throws IOException {
        try (RawServer mute = new RawServer(RawServer.MUTE)) {
            world.withPatience(Duration.ofMillis(200));

            assertEquals(1, top("--url", "http://127.0.0.1:" + mute.port(), "--once"));

            assertTrue(world.err().contains(": no complete response within 200 ms"), world.err());
        }
    }

    @Test
    void anAgentThatNeverComesToAnEndIsGivenUpAndTheRestShown() throws IOException {
        try (RawServer endless = new RawServer(RawServer.ENDLESS)) {
            String hostile = "http://127.0.0.1:" + endless.port();

            assertEquals(0, top("--url", hostile, "--url", agents.url("n1"), "--output", "json"));

            assertEquals(100, json().at("/nlbs/0/packets").asInt());
            assertEquals(hostile, json().at("/agents/silent/0/name").asString());
        }
    }

    @Test
    void anAgentThatTricklesIsGivenUp() throws IOException {
        try (RawServer trickling = new RawServer(RawServer.TRICKLING)) {
            world.withPatience(Duration.ofMillis(200));

            assertEquals(1, top("--url", "http://127.0.0.1:" + trickling.port(), "--once"));

            assertTrue(world.err().contains(": no complete response within 200 ms"), world.err());
        }
    }

    @Test
    void anAgentOfMoreLoadBalancersThanThereMayBeIsGivenUpAndTheRestShown() throws IOException {
        String many = "{\"nlbs\":[" + "{},".repeat(600_000) + "{}]}";
        try (RawServer hostile = new RawServer(out -> out.write(
                ("HTTP/1.1 200 OK\r\nContent-Length: " + many.length() + "\r\n\r\n" + many).getBytes(UTF_8)))) {
            String url = "http://127.0.0.1:" + hostile.port();

            assertEquals(0, top("--url", url, "--url", agents.url("n1"), "--output", "json"));

            assertEquals(
                    "it answers 200 with a body that no agent sends",
                    json().at("/agents/silent/0/problem").asString());
        }
    }

    @Test
    void aPodThatMayNotBeAskedIsSaidWithTheRuleThatItTakes() throws IOException {
        agents.withPods(List.of("n1")).refusing("/api/v1/namespaces/denywatch/pods/", 403);

        assertEquals(1, top(ofCluster()));

        assertEquals(
                "denywatch top: no agent answers: denywatch-n1 on n1:"
                        + " forbidden (403); missing: get on pods/proxy in namespace denywatch\n",
                world.err());
    }

    @Test
    void podsThatMayNotBeListedAreSaidWithTheRuleThatItTakes() throws IOException {
        agents.refusing("/api/v1/namespaces/denywatch/pods", 403);

        assertEquals(1, top(ofCluster()));

        assertEquals(
                "denywatch top: pods of the agents: forbidden (403); missing: list on pods in namespace denywatch\n",
                world.err());
    }

    @Test
    void aNamespaceWithoutAgentsIsSaid() throws IOException {
        assertEquals(1, top(ofCluster()));

        assertTrue(
                world.err()
                        .startsWith(
                                "denywatch top: no pod in namespace denywatch has the labels app.kubernetes.io/name"),
                world.err());
    }

    private Object[] ofNodes(String... nodes) throws IOException {
        return Stream.concat(Stream.of(ofCluster()), Stream.of(nodes).flatMap(node -> Stream.of("--node", node)))
                .toArray();
    }

    @Test
    void theAgentOfANodeIsAskedAloneAndNobodyElse() throws IOException {
        agents.withPods(List.of("n1", "n2", "n3"));

        assertEquals(0, top(ofNodes("n2")));

        assertEquals(200, json().at("/nlbs/0/packets").asInt());
        assertEquals(1, json().at("/agents/answering").asInt());
        assertEquals(0, json().at("/agents/silent").size());
        assertTrue(
                agents.asked().stream()
                        .filter(path -> path.contains("/proxy/"))
                        .allMatch(path -> path.contains("-n2:")),
                () -> agents.asked().toString());
    }

    @Test
    void severalNodesAreAddedUpAndOneNamedTwiceCountsOnce() throws IOException {
        agents.withPods(List.of("n1", "n2", "n3"));

        assertEquals(0, top(ofNodes("n3", "n1", "n3")));

        assertEquals(400, json().at("/nlbs/0/packets").asInt());
        assertEquals(2, json().at("/agents/answering").asInt());
    }

    @Test
    void aNameThatIsOnlyTheBeginningOfANodesIsNotThatNode() throws IOException {
        agents.withPods(List.of("n1", "n12"));

        assertEquals(0, top(ofNodes("n1")));

        assertEquals(100, json().at("/nlbs/0/packets").asInt());
    }

    @Test
    void aNodeWithoutAnAgentIsNamedWithThoseThatHaveOneAndNothingIsShown() throws IOException {
        agents.withPods(List.of("n3", "", "n1"));

        assertEquals(1, top(ofNodes("n1", "n9")));

        assertEquals(
                "denywatch top: no agent's pod in namespace denywatch is on n9; nodes with one: n1, n3\n", world.err());
        assertEquals("", world.out());
    }

    @Test
    void ofManyNodesWithAnAgentTenAreNamed() throws IOException {
        agents.withPods(
                IntStream.rangeClosed(10, 34).mapToObj(number -> "n" + number).toList());

        assertEquals(1, top(ofNodes("n9")));

        assertEquals(
                "denywatch top: no agent's pod in namespace denywatch is on n9;"
                        + " nodes with one: n10, n11, n12, n13, n14, n15, n16, n17, n18, n19 and 15 more\n",
                world.err());
    }

    @Test
    void whereNoPodHasANodeYetNoneIsNamed() throws IOException {
        agents.withPods(List.of(""));

        assertEquals(1, top(ofNodes("n1")));

        assertEquals(
                "denywatch top: no agent's pod in namespace denywatch is on n1; nodes with one: none\n", world.err());
    }

    @Test
    void theAgentOfANodeThatDoesNotAnswerIsAFailureThatNamesIt() throws IOException {
        agents.withPods(List.of("n1", "n2")).refusing("/api/v1/namespaces/denywatch/pods/denywatch-n2", 503);

        assertEquals(1, top(ofNodes("n2")));

        assertEquals(
                "denywatch top: no agent answers: denywatch-n2 on n2:"
                        + " the agent is starting, or the API server cannot reach it (503)\n",
                world.err());
    }
}
