package io.denywatch.explain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.Enforcement;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.delivery.Documents;
import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.explain.SourceLog.DatedLine;
import io.denywatch.explain.SourceLog.Findings;
import io.denywatch.explain.WindowMaxima.Peak;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.top.AgentReport;
import io.denywatch.top.AgentReport.AgentDecision;
import io.denywatch.top.AgentReport.StoppedTraffic;
import io.denywatch.top.AgentReport.WindowTraffic;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExplanationTextTest {
    private static final Instant AT = Instant.parse("2026-03-01T03:00:40Z");
    private static final Instant NOW = AT.plusSeconds(600);
    private static final IpPrefix V4 = IpPrefix.parse("198.51.100.7");
    private static final IpPrefix V6 = IpPrefix.parse("2001:db8:1:2::/64");
    private static final DetectionRule NOISY = new DetectionRule(
            "noisy", Measure.PACKETS, 300, 60, EnumSet.allOf(Transport.class), Duration.ofHours(1), Duration.ofDays(1));
    private static final DetectionRule SCAN = new DetectionRule(
            "port-scan",
            Measure.DISTINCT_PORTS,
            20,
            60,
            EnumSet.allOf(Transport.class),
            Duration.ofHours(1),
            Duration.ofDays(1));

    /** By the name of the golden file. */
    private static Map<String, Explanation> screens() {
        Map<String, Explanation> screens = new LinkedHashMap<>();
        screens.put(
                "blocked-by-a-rule",
                blocked(V4, 0, line("198.51.100.7", 400)).agent("").build());
        screens.put(
                "stored-but-not-enforced",
                blocked(V4, 0, line("198.51.100.7", 400)).notEnforced().build());
        screens.put("blocked-without-an-agent", blocked(V4, 0, "").build());
        screens.put(
                "blocked-again",
                blocked(V4, 2, line("198.51.100.7", 400)).agent("").build());
        screens.put(
                "blocked-with-its-log",
                blocked(V4, 0, line("198.51.100.7", 400))
                        .agent("")
                        .log(300, true)
                        .build());
        screens.put(
                "blocked-ipv6",
                blocked(V6, 1, line("2001:0db8:0001:0002:0000:0000:0000:0009", 400))
                        .agent("")
                        .build());
        screens.put(
                "blocked-by-hand", new Known(V4).manual(NOW.plusSeconds(3000)).build());
        screens.put(
                "blocked-and-overdue",
                new Known(V4).manual(NOW.minusSeconds(30)).build());
        screens.put("allowed-by-hand", new Known(V4).allowed().build());
        screens.put(
                "never-to-be-blocked",
                new Known(V4)
                        .never()
                        .told(told("refused", "never_block", "198.51.100.0/24 (nodes)"))
                        .build());
        screens.put(
                "below-the-thresholds", new Known(V4).traffic().log(212, false).build());
        screens.put("unknown-to-the-log", new Known(V4).log(0, false).build());
        screens.put("answered", new Known(V4).answered().build());
        screens.put(
                "expired",
                new Known(V4)
                        .told(told("unblocked", "expired", ""))
                        .priorBlocks()
                        .build());
        screens.put(
                "taken-back",
                new Known(V4)
                        .told(told("unblocked", "never_block", "198.51.100.7/32 (nodes)"))
                        .build());
        screens.put("dry-run", new Known(V4).dryRun().build());
        screens.put(
                "refused-by-the-breaker",
                new Known(V4).told(told("refused", "breaker", "")).build());
        screens.put(
                "refused-by-findings",
                new Known(V4)
                        .agent("no new source is blocked: log-may-not-be-denied")
                        .build());
        screens.put("agent-unreachable", new Known(V4).silent().build());
        screens.put("nothing-asked", new Known(V4).build());
        screens.put("many-sources", many());
        return screens;
    }

    private static Explanation screen(String name) {
        return Objects.requireNonNull(screens().get(name));
    }

    @Test
    void addsUpWhatTheBlocklistStoppedOnEachNode() {
        Explanation known = blocked(V4, 0, line("198.51.100.7", 400))
                .stopped(41_000, AT.plusSeconds(60))
                .stopped(200, AT)
                .build();
        String text = ExplanationText.of(known).replaceAll("\\s+", " ");

        assertTrue(text.contains("the blocklist stopped 41,200 packets of it since "), text);
        assertTrue(text.contains(", on 2 nodes"), text);
        assertTrue(
                Objects.requireNonNull(ExplanationText.document(known).reasons()).stream()
                        .anyMatch(reason -> reason.contains("41,200")),
                text);
    }

    static Stream<String> names() {
        return screens().keySet().stream();
    }

    private static String line(String source, int second) {
        return "2026-03-01T03:00:" + second / 100 + second / 10 % 10
                + ".000000+00:00 worker-1 kernel: [158271.044316] calico-packet: IN=eth1"
                + " OUT= MAC=06:b2:1e:5d:30:43:00:00:5e:00:01:0a:08:00 SRC=" + source
                + " DST=203.0.113.7 LEN=52 TOS=0x00 PREC=0x00 TTL=117 ID=8744 DF PROTO=TCP SPT=42962 DPT=22"
                + " WINDOW=64240 RES=0x00 SYN URGP=0 ";
    }

    private static Evidence evidence(String line) {
        return new Evidence(
                300, List.of("tcp/22", "tcp/23"), List.of(Ip.parse("203.0.113.7")), AT.minusSeconds(39), AT, line);
    }

    private static AgentDecision told(String decision, String because, String range) {
        Instant at = decision.equals("refused") ? AT.plusMillis(200) : AT.plusSeconds(400);
        Instant block = decision.equals("refused") ? at : AT;
        return new AgentDecision(at, decision, because, range, V4, "noisy", block, evidence(line("198.51.100.7", 400)));
    }

    private static Known blocked(IpPrefix source, int priorBlocks, String line) {
        Known known = new Known(source);
        Instant until = AT.plusSeconds(3780L << priorBlocks);
        known.sets.add(set(source, priorBlocks, until, ""));
        known.entries.add(new BlockEntry(source, AT, until, "noisy", priorBlocks, evidence(line)));
        known.told.add(new AgentDecision(AT.plusMillis(210), "blocked", "", "", source, "noisy", AT, none()));
        return known;
    }

    private static Evidence none() {
        return new Evidence(0, List.of(), List.of(), AT, AT);
    }

    private static BlocklistSet set(IpPrefix source, int priorBlocks, Instant until, String line) {
        BlockEntry entry = new BlockEntry(source, AT, until, "noisy", priorBlocks, evidence(line));
        return new BlocklistSet(
                "denywatch-0-worker-1", "worker-1", List.of(entry), List.of(), ManualList.EMPTY, List.of());
    }

    private static Explanation many() {
        Known known = new Known(IpPrefix.parse("198.51.100.0/24"));
        for (int i = 1; i <= 3; i++) {
            known.sets.add(set(IpPrefix.parse("198.51.100." + i), 0, AT.plusSeconds(3600), ""));
        }
        return known.build();
    }

    /** What is known, put together bit by bit. */
    private static final class Known {
        private final IpPrefix asked;
        private final List<BlocklistSet> sets = new ArrayList<>();
        private final List<BlockEntry> entries = new ArrayList<>();
        private final List<AgentDecision> told = new ArrayList<>();
        private final List<AgentReport> agents = new ArrayList<>();
        private final List<String> silent = new ArrayList<>();
        private final List<Findings> logs = new ArrayList<>();
        private final List<StoppedTraffic> stopped = new ArrayList<>();
        private Optional<Range> never = Optional.empty();
        private Enforcement enforcement = Enforcement.ACTIVE;

        Known(IpPrefix asked) {
            this.asked = asked;
        }

        Known agent(String problem) {
            return agent("enforce", problem, Optional.empty(), List.of());
        }

        Known notEnforced() {
            enforcement = Enforcement.MISSING;
            return agent("");
        }

        private Known agent(String mode, String problem, Optional<Instant> answered, List<WindowTraffic> traffic) {
            agents.add(new AgentReport(
                    "worker-1",
                    mode,
                    enforcement.label(),
                    false,
                    problem,
                    List.of(NOISY, SCAN),
                    List.copyOf(entries),
                    List.copyOf(told),
                    answered,
                    traffic,
                    List.copyOf(stopped)));
            return this;
        }

        Known stopped(long packets, Instant since) {
            stopped.clear();
            stopped.add(new StoppedTraffic(V4, packets, since, AT));
            return agent("");
        }

        Known told(AgentDecision decision) {
            told.add(decision);
            return agent("");
        }

        Known dryRun() {
            entries.add(new BlockEntry(V4, AT, AT.plusSeconds(3780), "noisy", 0, evidence(line("198.51.100.7", 400))));
            return agent("dry-run", "", Optional.empty(), List.of());
        }

        Known answered() {
            return agent("enforce", "", Optional.of(AT), List.of());
        }

        Known traffic() {
            return agent("enforce", "", Optional.empty(), List.of(new WindowTraffic(V4, "203.0.113.7", 212, AT)));
        }

        Known never() {
            never = Optional.of(new Range(IpPrefix.parse("198.51.100.0/24"), "nodes"));
            return this;
        }

        Known silent() {
            silent.add("http://10.0.0.7:9464/api/v1/blocklist");
            return this;
        }

        private Known manual(ManualList manual) {
            sets.add(new BlocklistSet("denywatch-manual", "", List.of(), List.of(), manual, List.of()));
            return this;
        }

        Known manual(Instant until) {
            return manual(new ManualList(
                    List.of(new ManualEntry(V4, AT, until, "ticket 4711: seen at \u001b[2J the \u202e door", "ada")),
                    List.of()));
        }

        Known allowed() {
            return manual(new ManualList(
                    List.of(), List.of(new ManualExemption(IpPrefix.parse("198.51.100.0/24"), NOW.plusSeconds(900)))));
        }

        Known priorBlocks() {
            PriorBlock prior = new PriorBlock(V4, 1, AT.plusSeconds(400).plus(Duration.ofDays(7)));
            sets.add(new BlocklistSet(
                    "denywatch-0-worker-1", "worker-1", List.of(), List.of(prior), ManualList.EMPTY, List.of()));
            return this;
        }

        Known log(int packets, boolean reached) {
            Optional<DatedLine> first = sample(packets > 0, 10);
            logs.add(new Findings(
                    "/var/log/syslog",
                    packets,
                    List.of("203.0.113.7 (" + packets + ")"),
                    List.of("tcp/22 (" + packets + ")"),
                    Optional.of(AT.minusSeconds(86_400)),
                    first,
                    sample(reached, 400),
                    sample(packets > 0, 405),
                    Optional.empty(),
                    packets == 0 ? List.of() : List.of(new Peak(NOISY, packets, AT), new Peak(SCAN, 1, AT)),
                    List.of()));
            return this;
        }

        private static Optional<DatedLine> sample(boolean there, int tenths) {
            Instant at = AT.minusSeconds(40).plusMillis(100L * tenths);
            return there ? Optional.of(new DatedLine(at, line("198.51.100.7", tenths))) : Optional.empty();
        }

        Explanation build() {
            return new Explanation(asked, sets, never, agents, silent, logs, NOW);
        }
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = ExplanationTextTest.class.getResourceAsStream("/explain/" + name + ".txt")) {
            return in == null ? "there is none" : new String(in.readAllBytes(), UTF_8);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void tellsWhatIsKnownOnOneScreen(String name) throws IOException {
        String text = ExplanationText.of(screen(name));
        assertEquals(golden(name), text);
        assertTrue(ExplanationText.rows(text) <= ExplanationText.ROWS_MAX, text);
        for (String line : text.lines().toList()) {
            boolean fits = line.length() <= ExplanationText.COLUMNS;
            assertTrue(fits || line.contains(" kernel: ") || name.equals("many-sources"), line);
        }
    }

    @Test
    void howeverMuchIsKnownTheScreenIsNoHigher() {
        for (int refusals = 0; refusals < 40; refusals++) {
            Known known = blocked(V4, 2, line("198.51.100.7", 400));
            for (int i = 0; i < refusals; i++) {
                known.told.add(new AgentDecision(
                        AT.plusSeconds(i),
                        "refused",
                        "rate",
                        "",
                        V4,
                        "noisy",
                        AT.plusSeconds(i),
                        evidence(line("198.51.100.7", 410 + 10 * i))));
            }
            String text = ExplanationText.of(known.agent("").log(300, true).build());
            assertTrue(ExplanationText.rows(text) <= ExplanationText.ROWS_MAX, text);
            assertTrue(text.contains("first packet in /var/log/syslog"), text);
            boolean leftOut = text.contains("lines of the log left out; --output json has them");
            assertTrue(refusals != 0 || !leftOut, text);
            assertTrue(refusals != 3 || leftOut, text);
        }
    }

    @Test
    void theManualShowsAScreenAsItIsPrinted() throws IOException {
        String printed = golden("blocked-with-its-log").replaceAll(" +\n", "\n");
        assertTrue(
                Documents.blocks(List.of(Documents.page("blocking.md")), "log").contains(printed), printed);
    }

    @Test
    void noTextOfOthersReachesTheTerminalAsItIs() {
        String text = ExplanationText.of(screen("blocked-by-hand"));
        assertFalse(text.contains("\u001b") || text.contains("\u202e"), text);
        assertTrue(text.contains("ticket 4711"), text);
    }

    @Test
    void linesOfTheLogStandUnbrokenSoThatTheyCanBeSearchedFor() {
        String text = ExplanationText.of(screen("blocked-with-its-log"));
        for (int tenths : new int[] {10, 400}) {
            String line = line("198.51.100.7", tenths);
            assertEquals(1, text.lines().filter(line::equals).count(), text);
        }
    }

    @Test
    void eachScreenBeginsWithWhetherItIsBlocked() {
        screens().forEach((name, known) -> {
            boolean blocked = known.sets().stream()
                    .anyMatch(set ->
                            !set.entries().isEmpty() || !set.manual().entries().isEmpty());
            boolean enforced = known.enforcement() != Enforcement.MISSING;
            String head = known.asked().compact()
                    + (!blocked
                            ? " is not blocked\n"
                            : enforced ? " is blocked\n" : " is in the blocklist, which is not enforced\n");
            assertTrue(ExplanationText.of(known).startsWith(head), name);
        });
    }
}
