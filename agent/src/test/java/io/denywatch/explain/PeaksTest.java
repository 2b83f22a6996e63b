package io.denywatch.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.WindowsModel;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Measure;
import io.denywatch.detection.Offence;
import io.denywatch.detection.Rule;
import io.denywatch.detection.SourceWindows;
import io.denywatch.explain.Peaks.Peak;
import io.denywatch.ip.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PeaksTest {
    private static boolean sent(Peaks peaks, Sent sent) {
        return peaks.packet(sent.observed());
    }

    /** A source that the windows never have to forget. */
    @Test
    void aThresholdIsReachedAtThePacketAtWhichTheAgentSeesAnOffence() {
        long reached = 0;
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Rule> rules = WindowsModel.rules(random);
            List<Offence> found = new ArrayList<>();
            SourceWindows windows = new SourceWindows(rules, 64, seed, found::add);
            Peaks peaks = new Peaks(rules);
            for (Sent sent : WindowsModel.packets(random, 300, 1)) {
                Sent ofOne = new Sent(
                        Ip.parse("198.51.100.7"),
                        sent.transport(),
                        sent.sourcePort(),
                        sent.port(),
                        sent.tcpFlags(),
                        sent.destination(),
                        sent.atLoadBalancer(),
                        sent.micros());
                found.clear();
                ofOne.to(windows);
                boolean here = sent(peaks, ofOne);
                assertEquals(!found.isEmpty(), here, "seed " + seed + ": " + ofOne);
                reached += here ? 1 : 0;
            }
            for (Peak peak : peaks.peaks()) {
                assertTrue(peak.amount() <= peak.rule().threshold(), "seed " + seed + ": " + peak);
            }
        }
        assertTrue(reached > 1_000, "the test would prove little with " + reached);
    }

    @Test
    void theHighestAmountIsToldWithItsTimeAndIsBelowTheThreshold() {
        Rule rule = WindowsModel.rule(Measure.PACKETS, 5, 10, Transport.TCP);
        Peaks peaks = new Peaks(List.of(rule));
        assertEquals(List.of(), peaks.peaks());
        for (int second : new int[] {100, 101, 102, 200, 201}) {
            sent(peaks, Sent.tcp("198.51.100.7", 22, second));
        }
        assertEquals(List.of(new Peak(rule, 3, Instant.ofEpochMilli(102_500))), peaks.peaks());
    }

    @Test
    void anAnswerEmptiesTheWindowsAndLeavesThePeak() {
        Rule rule = WindowsModel.rule(Measure.PACKETS, 3, 10, Transport.TCP);
        Peaks peaks = new Peaks(List.of(rule));
        sent(peaks, Sent.tcp("198.51.100.7", 22, 100));
        sent(peaks, Sent.tcp("198.51.100.7", 22, 101));
        peaks.answered();
        assertEquals(false, sent(peaks, Sent.tcp("198.51.100.7", 22, 102)));
        assertEquals(2, peaks.peaks().getFirst().amount());
    }
}
