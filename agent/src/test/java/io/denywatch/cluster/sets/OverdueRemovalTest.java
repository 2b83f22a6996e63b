package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class OverdueRemovalTest {
    private static int takers(int nodes, String entry, long round) {
        int takers = 0;
        for (int node = 0; node < nodes; node++) {
            takers += OverdueRemoval.takes("node-" + node, nodes, entry, round) ? 1 : 0;
        }
        return takers;
    }

    @Test
    void anEntryIsTakenByAboutOneAgentOfAllPerRound() {
        for (int nodes : List.of(1, 2, 3, 7, 64, 500)) {
            int entries = 2_000;
            int takers = 0;
            int untaken = 0;
            int takersMax = 0;
            for (int i = 0; i < entries; i++) {
                int taken = takers(nodes, "denywatch-0-gone 45.0." + i / 250 + "." + i % 250 + "/32", i / 100);
                takers += taken;
                untaken += taken == 0 ? 1 : 0;
                takersMax = Math.max(takersMax, taken);
            }
            String what = nodes + " nodes: " + takers + " takers, " + untaken + " untaken, most " + takersMax;
            // Binomial: a mean of 1, a variance below 1; five standard deviations of the sum are 224.
            assertTrue(Math.abs(takers - entries) < 224, what);
            assertTrue(untaken < entries * 0.45, what);
            assertTrue(takersMax <= 10, what);
        }
    }

    @Test
    void anEntryIsGoneAfterSomeRoundsHoweverManyNodesThereAre() {
        for (int nodes = 1; nodes <= 200; nodes += 7) {
            for (int entry = 0; entry < 20; entry++) {
                int rounds = 1;
                while (takers(nodes, "entry-" + entry, rounds) == 0) {
                    rounds++;
                }
                assertTrue(rounds < 40, nodes + " nodes, entry " + entry + ": " + rounds);
            }
        }
    }

    @Test
    void aCountOfNodesThatIsNotKnownYetIsOne() {
        assertEquals(1, takers(1, "entry", 5));
        assertTrue(OverdueRemoval.takes("a", 0, "entry", 5));
        assertTrue(OverdueRemoval.takes("a", -1, "entry", 5));
    }
}
