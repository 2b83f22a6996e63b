package io.denywatch.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.Sent;
import io.denywatch.blocklist.WindowsModel;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.Measure;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.replay.Backtest.Decided;
import io.denywatch.replay.Backtest.Promotion;
import io.denywatch.replay.Backtest.Result;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BacktestTest {
    private static final DetectionRule RULE = WindowsModel.rule(Measure.PACKETS, 3, 10, Transport.TCP);
    private static final String SCANNER = "198.51.100.7";

    /** Blocks for the rule's first ban, at most two at a time, and counts repeats for ever. */
    private static Decided atMostTwo(
            Blocklist current,
            List<Detection> detections,
            SpoofingSigns signs,
            List<EstablishedSource> established,
            Instant now) {
        Detection detection = detections.getFirst();
        Map<IpPrefix, BlockEntry> entries = new HashMap<>(current.entries());
        Map<IpPrefix, PriorBlock> priorBlocks = new HashMap<>(current.priorBlocks());
        List<Decision> decisions = new ArrayList<>();
        for (EstablishedSource answer : established) {
            BlockEntry entry = entries.remove(answer.source());
            if (entry != null) {
                decisions.add(new Decision.Revoked(entry, new Range(answer.source(), "answered")));
            }
        }
        entries.values().removeIf(entry -> {
            if (entry.isOver(now)) {
                decisions.add(new Decision.Expired(entry));
            }
            return entry.isOver(now);
        });
        if (entries.size() == 2) {
            decisions.add(new Decision.Refused(detection, DetectionOutcome.LIMIT, null));
        } else {
            IpPrefix source = detection.source();
            int times = priorBlocks
                    .getOrDefault(source, new PriorBlock(source, 0, now))
                    .times();
            Instant until = now.plus(detection.rule().blockFor());
            BlockEntry entry =
                    new BlockEntry(source, now, until, detection.rule().name(), times, detection.evidence());
            entries.put(source, entry);
            priorBlocks.put(source, new PriorBlock(source, times + 1, until));
            decisions.add(new Decision.Blocked(entry, detection));
        }
        return new Decided(new Blocklist(entries, priorBlocks), decisions, false);
    }

    private static Backtest backtest(Backtest.Decider decider) {
        return new Backtest(List.of(RULE), 64, 1, decider);
    }

    @Test
    void banKeepsPacketsOutUntilItsEventTimeIsOver() {
        Backtest backtest = backtest(BacktestTest::atMostTwo);
        for (int i = 0; i < 3 + 5; i++) {
            Sent.tcp(SCANNER, 22, 1_000).to(backtest);
        }
        Sent.tcp("198.51.100.8", 22, 1_000).to(backtest);
        Sent.tcp(SCANNER, 22, 1_599).to(backtest);
        for (int i = 0; i < 4; i++) {
            Sent.tcp(SCANNER, 22, 1_600 + i).to(backtest); // the first in the very half of a second in which it ends
        }
        Result result = backtest.result();
        assertEquals(
                List.of("0 kept out 6", "1 kept out 1"),
                result.promotions().stream()
                        .map(promotion -> promotion.priorBlocks() + " kept out " + promotion.packetsKeptOut())
                        .toList());
        Promotion first = result.promotions().getFirst();
        assertEquals(IpPrefix.parse(SCANNER), first.source());
        assertEquals(RULE.name(), first.rule());
        assertEquals(Instant.ofEpochMilli(1_000_500), first.at());
        assertEquals(first.at().plus(Duration.ofMinutes(10)), first.until());
        assertEquals(3, first.evidence().count());
        assertEquals(14, result.packets());
        assertEquals(7, result.packetsKeptOut());
        assertEquals(1, result.entriesPeak());
        assertEquals(Map.of(), result.refusals());
    }

    @Test
    void answerEndsABanAndVouchesForAnHour() {
        Backtest backtest = backtest(BacktestTest::atMostTwo);
        Ip scanner = Ip.parse(SCANNER);
        for (int i = 0; i < 5; i++) {
            Sent.tcp(SCANNER, 22, 1_000).to(backtest);
        }
        backtest.established(scanner.high(), scanner.low(), 1_001 * Sent.SECOND);
        for (int i = 0; i < 5; i++) {
            Sent.tcp(SCANNER, 22, 1_002).to(backtest);
            Sent.tcp(SCANNER, 22, 1_001 + 3_599).to(backtest);
        }
        assertEquals(1, backtest.result().promotions().size());
        assertEquals(2, backtest.result().packetsKeptOut());
        for (int i = 0; i < 5; i++) {
            Sent.tcp(SCANNER, 22, 1_001 + 3_600).to(backtest);
        }
        assertEquals(2, backtest.result().promotions().size());
        assertEquals(1, backtest.result().entriesPeak());
    }

    @Test
    void refusalsAreCountedAndKeepNothingOut() {
        Backtest backtest = backtest(BacktestTest::atMostTwo);
        for (int source = 1; source <= 4; source++) {
            for (int i = 0; i < 6; i++) {
                Sent.tcp("198.51.100." + source, 22, 1_000).to(backtest);
            }
        }
        Result result = backtest.result();
        assertEquals(2, result.promotions().size());
        assertEquals(Map.of(DetectionOutcome.LIMIT, 4L), result.refusals(), "two sources reached the threshold twice");
        assertEquals(6, result.packetsKeptOut());
        assertEquals(2, result.entriesPeak());
    }

    @Test
    void banThatIsTakenBackKeepsNothingOut() {
        Backtest backtest = backtest((current, detections, signs, established, now) -> {
            Decided decided = atMostTwo(Blocklist.EMPTY, detections, signs, established, now);
            List<Decision> decisions = new ArrayList<>(decided.decisions());
            current.entries()
                    .values()
                    .forEach(entry -> decisions.add(new Decision.Revoked(entry, new Range(entry.source(), "a test"))));
            return new Decided(decided.next(), decisions, false);
        });
        for (String source : List.of("198.51.100.1", "198.51.100.2", "198.51.100.1", "198.51.100.2")) {
            for (int i = 0; i < 4; i++) {
                Sent.tcp(source, 22, 1_000).to(backtest);
            }
        }
        assertEquals(
                List.of(1L, 1L, 1L, 1L),
                backtest.result().promotions().stream()
                        .map(Promotion::packetsKeptOut)
                        .toList());
    }

    @Test
    void everyPacketIsKeptOutOrReachesTheWindows() {
        for (long seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Sent> packets = WindowsModel.packets(random, 2_000, 1 + random.nextInt(6));
            Backtest backtest = backtest(BacktestTest::atMostTwo);
            WindowsModel model = new WindowsModel(List.of(RULE), 64);
            List<String> expected = new ArrayList<>();
            Blocklist list = Blocklist.EMPTY;
            Map<IpPrefix, Instant> blockedUntil = new HashMap<>();
            for (Sent sent : packets) {
                sent.to(backtest);
                // Also a packet out of order, from before the end of a block that is over by now, was kept out.
                Instant until = blockedUntil.getOrDefault(WindowsModel.prefix(sent.source(), 64), Instant.MIN);
                if (Instant.EPOCH.plusNanos(sent.micros() * 1_000).isBefore(until)) {
                    continue;
                }
                for (Detection detection : model.packet(sent)) {
                    Decided decided = atMostTwo(
                            list,
                            List.of(detection),
                            SpoofingSigns.NONE,
                            List.of(),
                            Instant.EPOCH.plusNanos(sent.micros() * 1_000));
                    list = decided.next();
                    if (decided.decisions().getLast() instanceof Decision.Blocked(BlockEntry blocked, Detection _)) {
                        expected.add(blocked.toString());
                        blockedUntil.put(blocked.source(), blocked.until());
                    }
                }
            }
            Result result = backtest.result();
            List<String> promoted = result.promotions().stream()
                    .map(p -> new BlockEntry(p.source(), p.at(), p.until(), p.rule(), p.priorBlocks(), p.evidence())
                            .toString())
                    .toList();
            assertEquals(expected, promoted, "seed " + seed);
            assertEquals(packets.size(), result.packets(), "seed " + seed);
            assertEquals(
                    result.packetsKeptOut(),
                    result.promotions().stream()
                            .collect(Collectors.summingLong(Promotion::packetsKeptOut))
                            .longValue(),
                    "seed " + seed);
        }
    }

    @Test
    void promotionsBeyondTheBoundTakeEffectAndAreCounted() {
        Backtest backtest = backtest((_, detections, signs, established, now) ->
                atMostTwo(Blocklist.EMPTY, detections, signs, established, now));
        int sources = Backtest.PROMOTIONS_MAX + 10;
        for (int source = 0; source < sources; source++) {
            for (int i = 0; i < 4; i++) {
                new Sent(Ip.ofIpv4(source), Transport.TCP, 22, Sent.LOAD_BALANCER, true, source).to(backtest);
            }
        }
        Result result = backtest.result();
        assertEquals(Backtest.PROMOTIONS_MAX, result.promotions().size());
        assertEquals(sources - Backtest.PROMOTIONS_MAX, result.promotionsLeftOut());
        assertEquals(sources, result.packetsKeptOut());
    }
}
