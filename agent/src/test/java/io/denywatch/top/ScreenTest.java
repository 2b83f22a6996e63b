package io.denywatch.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.top.AgentPage.AgentLoadBalancer;
import io.denywatch.top.Frame.SilentAgent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScreenTest {
    private static final ViewState ALL = ViewState.of(SortBy.RATE, "", 20);

    private static String text(Frame shown, ViewState view, int width, int height) {
        return Screen.lines(shown, view, width, height, false).stream()
                .map(line -> line.text().stripTrailing() + "\n")
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 120})
    void anAttackLooksAsInTheSample(int width) throws IOException {
        try (InputStream sample = ScreenTest.class.getResourceAsStream("/top/screen-" + width + ".txt")) {
            String expected = sample == null ? "" : new String(sample.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(expected, text(Pages.attack(), ALL, width, Integer.MAX_VALUE));
        }
    }

    @Test
    void noLineIsLongerAndNoScreenIsHigherThanTheTerminal() {
        for (int width = 1; width < 200; width++) {
            for (int height : List.of(1, 2, 5, 10, 24, 60)) {
                for (boolean help : List.of(false, true)) {
                    ViewState view = new ViewState(SortBy.NAME, "", 0, help, 20);
                    List<StyledLine> lines = Screen.lines(Pages.attack(), view, width, height, false);
                    assertTrue(lines.size() <= height, width + "x" + height);
                    for (StyledLine line : lines) {
                        assertTrue(line.length() <= width, width + "x" + height + ": " + line.text());
                    }
                }
            }
        }
    }

    @Test
    void aSmallTerminalShowsBothTables() {
        List<AgentLoadBalancer> nlbs = new ArrayList<>();
        List<AgentPage.AgentSource> sources = new ArrayList<>();
        for (int i = 10; i < 90; i++) {
            nlbs.add(Pages.nlb("203.0.113." + i, i, 80));
            sources.add(Pages.source("198.51.100." + i, i, i));
        }
        Frame shown = shown(Pages.page("n1", Pages.NOW, nlbs, Map.of("203.0.113.10", sources)));

        String text = text(shown, ALL, 80, 24);

        assertEquals(24, text.lines().count(), text);
        assertTrue(text.contains("203.0.113.89") && text.contains("198.51.100.89"), text);
        assertTrue(text.contains("more load balancers"), text);
        assertTrue(text.contains("at the 1 busiest load balancer."), text);
    }

    private static Frame shown(AgentPage... pages) {
        return new Frame(Pages.NOW, pages.length, List.of(), "", ClusterPage.merge(List.of(pages)), Rates.Now.UNKNOWN);
    }

    @ParameterizedTest
    @EnumSource(SortBy.class)
    void eachOrderIsByItsOwnColumn(SortBy sort) {
        AgentPage page = Pages.page(
                "n1",
                Pages.NOW,
                List.of(
                        new AgentLoadBalancer("203.0.113.4", "", "", 1, 1, 0, 9),
                        new AgentLoadBalancer("203.0.113.3", "", "", 1, 9, 0, 1),
                        new AgentLoadBalancer("203.0.113.2", "", "", 9, 1, 0, 1),
                        new AgentLoadBalancer("203.0.113.1", "", "", 1, 1, 0, 1),
                        new AgentLoadBalancer("203.0.113.5", "", "", 1, 1, 0, 1),
                        new AgentLoadBalancer(AgentPage.OTHER, "", "", 0, 0, 0, 0)),
                Map.of());
        Frame shown = new Frame(
                Pages.NOW,
                1,
                List.of(),
                "",
                ClusterPage.merge(List.of(page)),
                new Rates.Now(Map.of("203.0.113.5", 3.0), Map.of()));
        String first = shown.nlbs(ViewState.of(sort, "", 20)).getFirst().nlb();

        assertEquals(
                switch (sort) {
                    case NAME -> "203.0.113.1";
                    case PACKETS -> "203.0.113.2";
                    case BYTES -> "203.0.113.3";
                    case SOURCES -> "203.0.113.4";
                    case RATE -> "203.0.113.5";
                },
                first);
        assertEquals(5, shown.nlbs(ALL).size()); // nothing went elsewhere
    }

    @Test
    void nothingThatAnAgentSaysReachesTheTerminalAsACommand() {
        String hostile = "a\u001b[2J\u009b31m\r\n\u0007\u202e\u0000\ud800b";
        AgentPage page = new AgentPage(
                hostile,
                hostile,
                Pages.NOW,
                Pages.SINCE,
                List.of(new AgentLoadBalancer(hostile, hostile, hostile, 5, 5, 0, 1)),
                new AgentPage.AgentLines(1, 1, 0, 0),
                false,
                List.of(hostile),
                List.of(hostile),
                new TreeMap<>(Map.of(hostile, new AgentPage.Listing(Pages.NOW, List.of(Pages.source(hostile, 5, 5))))),
                new AgentPage.AgentBlocklist(hostile, Set.of(), Set.of(), true, hostile),
                List.of(new AgentPage.AgentFinding("error", hostile, hostile)));
        Frame shown = new Frame(
                Pages.NOW,
                2,
                List.of(new SilentAgent(hostile, hostile, Optional.empty())),
                hostile,
                ClusterPage.merge(List.of(page)),
                Rates.Now.UNKNOWN);

        String drawn = Screen.lines(shown, ViewState.of(SortBy.RATE, hostile, 20), 200, 100, false).stream()
                .map(StyledLine::coloured)
                .collect(Collectors.joining());

        assertTrue(drawn.contains("a?[2J?31m"), drawn);
        String without = drawn.replaceAll("\u001b\\[[0-9;]*m", ""); // our own colours
        assertTrue(without.codePoints().noneMatch(c -> c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x202e), without);
    }

    @Test
    void oneLoadBalancerIsShownAloneAndItsSourcesOnlyOnceTheyAreKnown() {
        ViewState view = ViewState.of(SortBy.RATE, Pages.API, 20);

        String text = text(Pages.attack(), view, 120, 40);

        assertFalse(text.contains("shop/frontend"), text);
        assertFalse(text.contains("198.51.100.23"), text); // of another load balancer, asked for before
        assertTrue(text.contains("Asking."), text);
    }

    @Test
    void beforeAnAgentAnswersThereIsNothingToShow() {
        Frame shown = new Frame(
                Pages.NOW,
                1,
                List.of(new SilentAgent("http://localhost:9464", "it cannot be reached", Optional.empty())),
                "",
                ClusterPage.merge(List.of()),
                Rates.Now.UNKNOWN);

        String text = text(shown, ALL, 80, 24);

        assertTrue(text.startsWith("denywatch  0 of 1 agent answers"), text);
        assertTrue(text.contains("STALE http://localhost:9464: counts missing, it cannot be reached"), text);
    }
}
