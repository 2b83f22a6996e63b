package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.agent.TableRoom;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.config.Discovery;
import io.denywatch.config.Setting;
import io.denywatch.config.Settings;
import io.denywatch.delivery.Chart;
import io.denywatch.delivery.Documents;
import io.denywatch.process.ProcessContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The agent takes each configuration that the chart makes. */
class ChartConfigurationTest {
    /** Measured resident memory beside the heap: 131 MiB less 32 MiB with everything switched on. */
    private static final int BESIDE_HEAP_MIB = 99;

    @TempDir
    private Path directory = Path.of("");

    static List<Path> cases() {
        return Chart.cases();
    }

    private Configuration configuration(Path values) throws IOException {
        Path file = Files.writeString(
                directory.resolve("denywatch.yaml"), Chart.render(values).configuration());
        ProcessContext inPod = new TestWorld()
                .withEnvironment(Map.of("NODE_NAME", "worker-1", ConfigurationReader.IN_POD, "10.96.0.1"))
                .world();
        return ConfigurationReader.read(Settings.read(file, List.of()), inPod);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void eachCaseIsAConfigurationOfTheNodeThatThePodIsOn(Path values) throws IOException {
        assertEquals("worker-1", configuration(values).node());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agentHasATokenExactlyIfItAsksTheCluster(Path values) throws IOException {
        assertEquals(configuration(values).usesCluster(), Chart.render(values).hasToken());
    }

    @Test
    void aPodAsksNoClusterByDefault() throws IOException {
        Configuration configuration = configuration(Chart.DIRECTORY.resolve("ci/default-values.yaml"));

        assertEquals(Discovery.ANY, configuration.loadBalancers().discovery());
        assertFalse(configuration.usesCluster());
    }

    @Test
    void aListOfLoadBalancersIsTakenForAllOfThem() throws IOException {
        Configuration configuration = configuration(Chart.DIRECTORY.resolve("ci/static-values.yaml"));

        assertEquals(Discovery.STATIC, configuration.loadBalancers().discovery());
    }

    /** All but the node, which would be the same for all agents. */
    @Test
    void schemaKnowsEachSetting() {
        JsonNode schema = new JsonMapper().readTree(Chart.DIRECTORY.resolve("values.schema.json"));
        TreeSet<String> known = new TreeSet<>();
        schema.at("/properties/config/properties")
                .properties()
                .forEach(section -> section.getValue()
                        .get("properties")
                        .propertyNames()
                        .forEach(name -> known.add(section.getKey() + "." + name)));
        TreeSet<String> settings = new TreeSet<>(Setting.keys());
        settings.remove(Setting.NODE.key());

        assertEquals(settings, known);
    }

    @Test
    void defaultsAreTheAgents() {
        JsonNode config = values().get("config");

        assertEquals(Setting.SOURCE_PATH.yaml(), config.at("/source/path").asString());
        assertEquals("0.0.0.0:9464", config.at("/http/listen").asString());
        assertEquals("0.0.0.0:9465", config.at("/http/probes").asString());
        assertEquals(
                Setting.CHECKPOINT_DIRECTORY.yaml(),
                config.at("/checkpoint/directory").asString());
        assertEquals(
                Setting.BLOCKLIST_MODE.yaml(), values().at("/blocklist/mode").asString());
        assertEquals(
                Setting.BLOCKLIST_POLICY.yaml(),
                values().at("/blocklist/policy/name").asString());
    }

    /** So that doctor asks for the policy that the chart installs. */
    @Test
    void theAgentKnowsTheNameOfTheBlocklistsPolicy() throws IOException {
        Path values =
                Files.writeString(directory.resolve("values.yaml"), "{blocklist: {policy: {name: own-blocklist}}}");

        assertEquals("own-blocklist", configuration(values).blocklist().policy());
    }

    @Test
    void memoryLimitIsHalfAsMuchAgainAsWhatWasMeasured() throws IOException {
        int most = Pattern.compile("(?m)^\\| resident memory.*$")
                .matcher(Documents.read(Documents.page("performance.md")))
                .results()
                .flatMap(row ->
                        Pattern.compile("([0-9]+) MiB").matcher(row.group()).results())
                .mapToInt(figure -> Integer.parseInt(figure.group(1)))
                .max()
                .orElseThrow();

        assertTrue(limitMib() >= most * 3 / 2, () -> limitMib() + " " + most);
    }

    @Test
    void memoryLimitHoldsTheLargestHeapAndWhatIsBesideIt() throws IOException {
        assertTrue(limitMib() >= heapMib() + BESIDE_HEAP_MIB, () -> String.valueOf(limitMib()));
    }

    /** What the chart lets through must start, or all pods would fail at once. */
    @Test
    void tablesThatTheChartTakesFitInTheAgentsHeap() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 60; i++) {
            int limitMib = 128 << random.nextInt(6);
            String values =
                    "{resources: {limits: {memory: " + limitMib + "Mi}}, discovery: {enabled: " + random.nextBoolean()
                            + "}, blocklist: {mode: "
                            + List.of("off", "dry-run", "enforce").get(random.nextInt(3))
                            + "}, config: {loadBalancers: {max: " + (1 << random.nextInt(13)) + "}, sources:"
                            + " {trackedPerLoadBalancer: " + (16 << random.nextInt(13)) + ", exportedPerLoadBalancer: "
                            + random.nextInt(16) + "}}}";
            Path file = Files.writeString(directory.resolve("values.yaml"), values);
            String what = "seed " + seed + ": " + values;
            long heapBytes = ((limitMib * 40L / 100) * 29 / 30) << 20;
            try {
                TableRoom.check(configuration(file), heapBytes + (1 << 20));
            } catch (IllegalStateException chart) {
                refused++;
                assertTrue(String.valueOf(chart.getMessage()).contains("is not allowed in a heap of"), what);
            }
        }
        assertTrue(refused > 0 && refused < 60, "seed " + seed + ": " + refused);
    }

    /** The memory that a refusal asks for is enough, and not far more than enough. */
    @ParameterizedTest
    @CsvSource({"4096, 1024", "256, 65536", "16, 65536", "1, 65536"})
    void theMemoryThatTheChartAsksForIsEnough(int loadBalancers, int tracked) throws IOException {
        String config = "config: {loadBalancers: {max: " + loadBalancers + "}, sources: {trackedPerLoadBalancer: "
                + tracked + "}}";
        Path small = Files.writeString(
                directory.resolve("small.yaml"), "{" + config + ", resources: {limits: {memory: 32Mi}}}");
        String refusal = String.valueOf(assertThrows(IllegalStateException.class, () -> Chart.render(small))
                .getMessage());
        Matcher asked = Pattern.compile("at least ([0-9]+)Mi").matcher(refusal);
        assertTrue(asked.find(), refusal);
        int mib = Integer.parseInt(asked.group(1));
        Path enough = Files.writeString(
                directory.resolve("enough.yaml"), "{" + config + ", resources: {limits: {memory: " + mib + "Mi}}}");
        Path tooLittle = Files.writeString(
                directory.resolve("little.yaml"),
                "{" + config + ", resources: {limits: {memory: " + mib * 8 / 10 + "Mi}}}");

        TableRoom.check(configuration(enough), (mib * 2L / 5 * 29 / 30) << 20);
        assertThrows(IllegalStateException.class, () -> Chart.render(tooLittle));
    }

    private static int limitMib() {
        return Integer.parseInt(
                values().at("/resources/limits/memory").asString().replace("Mi", ""));
    }

    /** A share of a container's memory where the runtime has one built in, else what the launcher says. */
    private static int heapMib() throws IOException {
        Matcher share = Pattern.compile("-XX:MaxRAMPercentage=([0-9]+)")
                .matcher(Files.readString(Path.of("src/image/java/RuntimeImage.java")));
        Matcher heap = Pattern.compile("-Xmx([0-9]+)m").matcher(Files.readString(Path.of("src/image/bin/denywatch")));
        return share.find()
                ? limitMib() * Integer.parseInt(share.group(1)) / 100
                : heap.results()
                        .map(found -> Integer.valueOf(found.group(1)))
                        .findFirst()
                        .orElseThrow();
    }

    private static JsonNode values() {
        return new YAMLMapper().readTree(Chart.DIRECTORY.resolve("values.yaml"));
    }
}
