package io.denywatch.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.command.TestWorld;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A rule of subnets on the logs of all scenarios of {@code simulate}. */
class BotnetReplayTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String RULES = "blocklist.rules=[{name: noisy, packets: 300 within 1m}, "
            + "{name: port-scan, distinctPorts: 20 within 1m}, "
            + "{name: botnet, distinctSources: 20 within 10m, for: 1h}]";

    @TempDir
    private Path directory = Path.of("");

    /** Replays a log of a scenario. */
    private String replayed(String scenario, Object... more) {
        Path log = directory.resolve(scenario);
        TestWorld simulated = new TestWorld();
        assertEquals(
                0,
                simulated.run(
                        "simulate",
                        "--output",
                        log,
                        "--packets",
                        20_000,
                        "--sources",
                        300,
                        "--seed",
                        7,
                        "--scenario",
                        scenario),
                simulated::err);
        List<Object> arguments =
                new ArrayList<>(List.of("replay", log, "--set", RULES, "--set", "blocklist.mode=dry-run"));
        arguments.addAll(List.of(more));
        TestWorld world = new TestWorld();
        assertEquals(0, world.run(arguments.toArray()), world::err);
        return world.out();
    }

    private static List<JsonNode> subnets(JsonNode report) {
        return report.get("promotions")
                .valueStream()
                .filter(promotion -> promotion.get("rule").asString().equals("botnet"))
                .toList();
    }

    @Test
    void theBotnetIsBlockedAsAWholeAndNoneOfItsSourcesAlone() {
        JsonNode report = JSON.readTree(replayed("botnet", "--output", "json"));
        List<JsonNode> found = subnets(report);
        assertEquals(1, found.size(), report::toString);
        String subnet = found.getFirst().get("source").asString();
        assertTrue(subnet.endsWith(".0/24") && subnet.startsWith("160."), subnet);
        assertEquals(16, found.getFirst().get("evidence").get("members").size());
        String network = subnet.substring(0, subnet.length() - "0/24".length());
        assertTrue(
                report.get("promotions")
                        .valueStream()
                        .filter(promotion -> !promotion.get("rule").asString().equals("botnet"))
                        .noneMatch(
                                promotion -> promotion.get("source").asString().startsWith(network)),
                report::toString);
        JsonNode collateral = report.get("backtest").get("subnets").get(0);
        assertEquals(subnet, collateral.get("subnet").asString());
        assertEquals(120, collateral.get("denied").asLong());
        assertEquals(256, collateral.get("addresses").asLong());
        assertEquals(0, collateral.get("established").asLong());
    }

    @ParameterizedTest
    @ValueSource(strings = {"background", "scan", "flood", "spoofed"})
    void noOtherScenarioHasASubnet(String scenario) {
        JsonNode report = JSON.readTree(replayed(scenario, "--output", "json"));
        assertEquals(List.of(), subnets(report), report::toString);
        assertTrue(report.get("backtest").get("subnets") == null, report::toString);
    }

    @Test
    void theTextShowsWhoElseMayBeInTheSubnet() {
        String text = replayed("botnet");
        assertTrue(
                text.contains("subnets blocked as a whole; sources in them that were never denied are not in this log"),
                text);
        assertTrue(text.lines().anyMatch(line -> line.matches("160\\.[0-9]+\\.[0-9]+\\.0/24 +120 +256 +0")), text);
    }
}
