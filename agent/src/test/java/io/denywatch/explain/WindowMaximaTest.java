package io.denywatch.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.WindowsModel;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Measure;
import io.denywatch.detection.SourceWindows;
import io.denywatch.explain.WindowMaxima.Peak;
import io.denywatch.ip.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WindowMaximaTest {
    private static boolean sent(WindowMaxima peaks, Sent sent) {
        return peaks.packet(sent.observed());
    }

    /** A source that the windows never have to forget. */
    @Test
    void aThresholdIsReachedAtThePacketAtWhichTheAgentSeesAnDetection() {
        long reached = 0;
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<DetectionRule> rules = WindowsModel.rules(random);
            List<Detection> found = new ArrayList<>();
            SourceWindows windows = new SourceWindows(rules, 64, seed, found::add);
            WindowMaxima peaks = new WindowMaxima(rules);
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
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, 5, 10, Transport.TCP);
        WindowMaxima peaks = new WindowMaxima(List.of(rule));
        assertEquals(List.of(), peaks.peaks());
        for (int second : new int[] {100, 101, 102, 200, 201}) {
            sent(peaks, Sent.tcp("198.51.100.7", 22, second));
        }
        assertEquals(List.of(new Peak(rule, 3, Instant.ofEpochMilli(102_500))), peaks.peaks());
    }

    @Test
    void anAnswerEmptiesTheWindowsAndLeavesThePeak() {
        DetectionRule rule = WindowsModel.rule(Measure.PACKETS, 3, 10, Transport.TCP);
        WindowMaxima peaks = new WindowMaxima(List.of(rule));
        sent(peaks, Sent.tcp("198.51.100.7", 22, 100));
        sent(peaks, Sent.tcp("198.51.100.7", 22, 101));
        peaks.established();
        assertEquals(false, sent(peaks, Sent.tcp("198.51.100.7", 22, 102)));
        assertEquals(2, peaks.peaks().getFirst().amount());
    }
}
