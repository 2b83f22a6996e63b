package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.sketch.HyperLogLog;
import io.denywatch.sketch.SeededHash;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceTableTest {
    private static final double STANDARD_ERROR = 1.04 / Math.sqrt(4096);

    private final HyperLogLog scratch = new HyperLogLog();

    /** Quiet slices and stormy ones: the number must be right in both, and on the way from one to the other. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void countsDistinctSourcesOfTheWindow(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SourceTable table = new SourceTable(new SeededHash(seed), 256);
        Deque<Set<Long>> window = new ArrayDeque<>();
        int exact = 0;
        for (int slice = 0; slice < 60; slice++) {
            window.push(new HashSet<>());
            boolean storm = slice % 12 < 2;
            int packets = storm ? 1 + random.nextInt(20_000) : random.nextInt(40);
            for (int i = 0; i < packets; i++) {
                long source = random.nextInt(storm ? 100_000 : 100);
                table.record(1, source, 1, slice);
                window.element().add(source);
            }
            String when = "seed " + seed + ", slice " + slice;
            Set<Long> truth = new HashSet<>();
            window.forEach(truth::addAll);
            long distinct = table.distinct(scratch);
            if (table.counts.untrackedAtMost() == 0) {
                exact++;
                assertEquals(truth.size(), distinct, when);
                assertEquals(table.counts.bytes(), table.bytes(), when + ": sketches are left");
            } else {
                double error = (double) distinct / truth.size() - 1;
                assertTrue(Math.abs(error) <= 4 * STANDARD_ERROR, when + ": off by " + error);
            }
            if (window.size() == SourceTable.SLICES) {
                window.removeLast();
            }
            table.turn();
        }
        assertTrue(exact >= 20 && exact < 60, "seed " + seed + ": exact in " + exact + " slices");
    }

    @Test
    void isExactUpToTheLastSourceThatFits() {
        SourceTable table = new SourceTable(new SeededHash(5), 1000);
        for (int i = 1; i <= 1000; i++) {
            table.record(0, i, 1, 0);
            assertEquals(i, table.distinct(scratch));
        }
        table.record(0, 1001, 1, 0);
        assertEquals(1001.0, (double) table.distinct(scratch), 3 * STANDARD_ERROR * 1001);
    }

    @Test
    void startsEstimatingWithEachSourceInItsOwnSlice() {
        SourceTable table = new SourceTable(new SeededHash(8), 1000);
        for (int i = 0; i < 500; i++) {
            table.record(0, i, 3, 0); // not the ones to be displaced
        }
        for (int turn = 0; turn < 3; turn++) {
            table.turn();
        }
        for (int i = 500; i < 1000; i++) {
            table.record(0, i, 1, 0);
        }
        table.turn();
        for (int i = 1000; i < 1300; i++) {
            table.record(0, i, 1, 0);
        }
        assertEquals(1300.0, (double) table.distinct(scratch), 3 * STANDARD_ERROR * 1300);
        table.turn();
        assertTrue(table.counts.untrackedAtMost() > 0, "still estimates");
        assertEquals(800.0, (double) table.distinct(scratch), 3 * STANDARD_ERROR * 800);
    }

    @Test
    void aMillionSourcesTakeNoMoreThanTheBound() {
        SourceTable table = new SourceTable(new SeededHash(6), 1024);
        for (int i = 0; i < 1_000_000; i++) {
            table.record(0, i, 1, 0);
            if (i % 100_000 == 99_999) {
                table.turn();
            }
        }
        assertEquals(1024, table.counts.size());
        assertEquals(1024L * SourceTable.BYTES_PER_SOURCE + SourceTable.SKETCH_BYTES, table.bytes());
    }

    @Test
    void anEmptyTableHasNothingToTurn() {
        assertTrue(!new SourceTable(new SeededHash(7), 16).turn());
    }
}
