package io.denywatch.top;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.top.AgentPage.AgentLoadBalancer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RatesTest {
    private final Rates rates = new Rates();

    private static AgentPage page(String node, long second, long packets, long late) {
        return Pages.page(
                node,
                Pages.NOW.plusSeconds(second),
                List.of(new AgentLoadBalancer(Pages.WEB, "", "", packets, 0, late, 0)),
                Map.of());
    }

    @Test
    void oneLookIsNoRate() {
        Rates.Now now = rates.add(List.of(page("n1", 0, 500, 0)));

        assertTrue(now.at(Pages.WEB) < 0);
        assertTrue(now.total() < 0);
    }

    @Test
    void ratesOfAgentsAddUp() {
        Rates.Now unused = rates.add(List.of(page("n1", 0, 500, 0), page("n2", 1, 7, 0)));

        Rates.Now now = rates.add(List.of(page("n1", 2, 520, 0), page("n2", 3, 7, 0)));

        assertEquals(10, now.at(Pages.WEB));
        assertTrue(unused.perSecond().isEmpty());
    }

    @Test
    void aRateIsThatOfTheLastTenSeconds() {
        Rates.Now now = Rates.Now.UNKNOWN;
        for (int second = 0; second <= 60; second += 2) {
            now = rates.add(List.of(page("n1", second, second < 40 ? 0 : (second - 40) * 5L, 0)));
        }

        assertEquals(5, now.at(Pages.WEB));
        assertEquals(
                Rates.TREND_LOOKS,
                now.trends().getOrDefault(Pages.WEB, List.of()).size());
    }

    @Test
    void whatIsReadLateIsNoRate() {
        rates.add(List.of(page("n1", 0, 0, 0)));

        assertEquals(0, rates.add(List.of(page("n1", 2, 1_000, 1_000))).at(Pages.WEB));
    }

    @Test
    void aCounterThatGoesBackIsMeasuredAnew() {
        rates.add(List.of(page("n1", 0, 1_000, 0), page("n2", 0, 0, 0)));

        Rates.Now back = rates.add(List.of(page("n1", 2, 10, 0), page("n2", 2, 6, 0)));
        assertEquals(3, back.at(Pages.WEB)); // of the other agent alone

        assertEquals(
                8,
                rates.add(List.of(page("n1", 4, 20, 0), page("n2", 4, 12, 0))).at(Pages.WEB));
    }

    @Test
    void aClockThatGoesBackIsMeasuredAnew() {
        rates.add(List.of(page("n1", 10, 1_000, 0)));

        assertTrue(rates.add(List.of(page("n1", 5, 1_010, 0))).at(Pages.WEB) < 0);
    }

    @Test
    void theSameAnswerTwiceChangesNothing() {
        rates.add(List.of(page("n1", 0, 0, 0)));
        rates.add(List.of(page("n1", 2, 20, 0)));

        assertEquals(10, rates.add(List.of(page("n1", 2, 20, 0))).at(Pages.WEB));
    }

    @Test
    void anAgentThatDoesNotAnswerAddsNothing() {
        rates.add(List.of(page("n1", 0, 0, 0), page("n2", 0, 0, 0)));
        rates.add(List.of(page("n1", 2, 20, 0), page("n2", 2, 20, 0)));

        assertEquals(10, rates.add(List.of(page("n1", 4, 40, 0))).at(Pages.WEB));
        assertTrue(rates.add(List.of()).total() < 0);
    }

    @Test
    void aLoadBalancerThatIsNewHasSentAllOfItSince() {
        rates.add(List.of(Pages.page("n1", Pages.NOW, List.of(), Map.of())));

        assertEquals(25, rates.add(List.of(page("n1", 2, 50, 0))).at(Pages.WEB));
    }
}
