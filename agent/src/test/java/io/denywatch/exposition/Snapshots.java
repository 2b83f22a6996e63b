package io.denywatch.exposition;

import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.SharedBlocklist;
import io.denywatch.count.RequestCounts;
import io.denywatch.denial.BlockOrigin;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.PortCount;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.denial.StoppedSources;
import io.denywatch.denial.StoppedSources.StoppedSource;
import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionListener;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.NodeSummary;
import io.denywatch.detection.SourceWindows;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.Checkpoint;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.Malformation;
import io.denywatch.packet.Suppressor;
import io.denywatch.sums.AgentState;
import io.denywatch.sums.ClusterRulesStatus;
import io.denywatch.tail.TailSnapshot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Snapshots made by hand. */
final class Snapshots {
    /** 2026-11-23T12:00:00Z. */
    static final long TAKEN_AT_MILLIS = 1_795_435_200_000L;

    static final ExpositionSettings SETTINGS = new ExpositionSettings(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            List.of(),
            Optional.empty(),
            "worker-1",
            "1.2.3",
            "0123abc");

    private static final Map<String, Long> NO_READ_ERRORS = Map.of("permission", 0L, "not_found", 0L, "io", 0L);
    private static final Map<String, Long> NO_GAPS = Map.of("truncated", 0L);

    private Snapshots() {}

    /** The snapshot on a node without a blocklist and a cluster. */
    static Published published(IngestSnapshot snapshot) {
        return new Published(
                () -> snapshot,
                () -> EstablishedSources.NONE,
                () -> BlocklistStatus.OFF,
                () -> Diagnosis.NONE,
                () -> RequestCounts.NONE);
    }

    static Published published(IngestSnapshot snapshot, BlocklistStatus blocklist) {
        return new Published(
                () -> snapshot,
                () -> EstablishedSources.NONE,
                () -> blocklist,
                Blocklists::diagnosis,
                Blocklists::requests,
                () -> SharedBlocklist.of(List.of(IpPrefix.parse("192.0.2.66")), new NeverBlock(List.of())),
                () -> new SharedWork(Optional.of(true), 42, 1_795_435_200_000L),
                () -> NodeSummary.NONE,
                () -> new ClusterRulesStatus(
                        true, true, Map.of(AgentState.COUNTED, 2, AgentState.UNREACHABLE, 1), 0, 0, ""));
    }

    /** The snapshot on a node without a blocklist, where some were answered. */
    static Published published(IngestSnapshot snapshot, EstablishedSources answers) {
        return new Published(
                () -> snapshot,
                () -> answers,
                () -> BlocklistStatus.OFF,
                () -> Diagnosis.NONE,
                () -> RequestCounts.NONE);
    }

    /** Answers to these, a second apart. */
    static EstablishedSources answers(String... clients) {
        SourceWindows windows = new SourceWindows(List.of(), 64, 1, DetectionListener.NONE);
        long micros = 1_795_435_200_000_000L;
        for (String client : clients) {
            Ip address = Ip.parse(client);
            windows.established(address.high(), address.low(), micros);
            micros += 1_000_000;
        }
        windows.publish();
        return windows.detections().established();
    }

    /** A node on which a bit of everything has happened. */
    static IngestSnapshot busy() {
        LoadBalancerDenials web = new LoadBalancerDenials(
                "203.0.113.10",
                "shop",
                "web",
                1_234_567,
                74_074_020,
                12,
                List.of(
                        new PortTotal("shop", "web", Transport.TCP, 443, 1_200_000, 72_000_000),
                        new PortTotal("shop", "web", Transport.TCP, 0, 34_567, 2_074_020),
                        new PortTotal("shop", "web", Transport.UDP, 0, 0, 0)),
                3,
                List.of(
                        source("198.51.100.7", 128, 900, 901),
                        source("2001:db8:1:2::", 64, 80, 80),
                        source("2001:db8::1", 128, 1, 4)),
                List.of(
                        new PortCount(Transport.TCP, 443, 1_200_000),
                        new PortCount(Transport.TCP, 22, 34_567),
                        new PortCount(Transport.ICMP, -1, 9)),
                Map.of("promotion", 41_200L, "manual", 0L, "feed", 7L));
        LoadBalancerDenials v6 = quiet("2001:db8:ffff::1");
        LoadBalancerDenials other = quiet("other");
        TailSnapshot tail = new TailSnapshot(
                true,
                "",
                4096,
                987_654_321,
                TAKEN_AT_MILLIS - 250,
                3,
                1,
                Map.of("permission", 0L, "not_found", 2L, "io", 0L),
                Map.of("truncated", 1L),
                5,
                0,
                1,
                1,
                0);
        return new IngestSnapshot(
                TAKEN_AT_MILLIS,
                TAKEN_AT_MILLIS - 3_600_000,
                true,
                "file",
                "/var/log/syslog",
                tail,
                Map.of(
                        "packet",
                        1_234_567L,
                        "response",
                        30L,
                        "other",
                        55_000L,
                        "malformed",
                        7L,
                        "unrecognized",
                        2L,
                        "oversized",
                        5L),
                zeros(Malformation.values(), Malformation::label, Map.of("cut", 7L)),
                zeros(Suppressor.values(), Suppressor::label, Map.of("kernel", 4200L)),
                false,
                19_800,
                new DenialSnapshot(List.of(web, v6), other, 600, 3, 263_168, 17, 1000),
                new StoppedSources(
                        true,
                        List.of(new StoppedSource(
                                IpPrefix.parse("198.51.100.7"),
                                BlockOrigin.PROMOTION,
                                41_200,
                                2_472_000,
                                1_795_435_200,
                                1_795_435_290)),
                        5),
                new Checkpoint.Status(2, TAKEN_AT_MILLIS - 500, true));
    }

    /** A node on which nothing has happened yet. */
    static IngestSnapshot fresh() {
        TailSnapshot tail = new TailSnapshot(true, "", 0, 0, 0, 0, 0, NO_READ_ERRORS, NO_GAPS, 0, 0, 0, 0, 0);
        return new IngestSnapshot(
                TAKEN_AT_MILLIS,
                TAKEN_AT_MILLIS,
                true,
                "file",
                "/var/log/syslog",
                tail,
                Map.of("packet", 0L, "response", 0L, "other", 0L, "malformed", 0L, "unrecognized", 0L, "oversized", 0L),
                zeros(Malformation.values(), Malformation::label, Map.of()),
                zeros(Suppressor.values(), Suppressor::label, Map.of()),
                false,
                0,
                new DenialSnapshot(List.of(), quiet("other"), 600, 0, 263_168, 0, 0),
                new StoppedSources(true, List.of(), 0),
                new Checkpoint.Status(0, TAKEN_AT_MILLIS, false));
    }

    /** As large as it gets by default: 256 load balancers with 20 sources each, and {@code other}. */
    static IngestSnapshot full() {
        List<LoadBalancerDenials> all = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            List<SourceCount> sources = new ArrayList<>();
            for (int j = 0; j < 20; j++) {
                sources.add(new SourceCount(Ip.ofIpv4(0xc633_0000 + 20 * i + j), 128, 100 - j, 100 - j, 0, 0));
            }
            String nlb = Ip.ofIpv4(0xcb00_7100 + i).toString();
            LoadBalancerDenials quiet = quiet(nlb);
            all.add(new LoadBalancerDenials(
                    nlb, "shop", "web-" + i, 1, 60, 0, quiet.totals(), 20, sources, quiet.topPorts()));
        }
        return with(fresh(), new DenialSnapshot(all, quiet("other"), 600, 5120, 263_168, 0, 0));
    }

    static IngestSnapshot with(IngestSnapshot snapshot, DenialSnapshot denials) {
        return copy(snapshot, snapshot.settled(), snapshot.tail(), denials);
    }

    /** The snapshot, but with a log that can't be read. */
    static IngestSnapshot unreadable(IngestSnapshot snapshot, String problem) {
        TailSnapshot tail = new TailSnapshot(false, problem, 0, 0, 0, 0, 0, NO_READ_ERRORS, NO_GAPS, 0, 0, 0, 0, 0);
        return copy(snapshot, snapshot.settled(), tail, snapshot.denials());
    }

    /** The snapshot as it is while the backlog of a start is read. */
    static IngestSnapshot unsettled(IngestSnapshot snapshot) {
        return copy(snapshot, false, snapshot.tail(), snapshot.denials());
    }

    private static IngestSnapshot copy(
            IngestSnapshot snapshot, boolean settled, TailSnapshot tail, DenialSnapshot denials) {
        return new IngestSnapshot(
                snapshot.takenAtMillis(),
                snapshot.sinceMillis(),
                settled,
                snapshot.sourceKind(),
                snapshot.sourcePath(),
                tail,
                snapshot.lines(),
                snapshot.malformed(),
                snapshot.suppressed(),
                snapshot.catchingUp(),
                snapshot.timestampOffsetSeconds(),
                denials,
                snapshot.stopped(),
                snapshot.checkpoint());
    }

    /** A load balancer without a denial so far. */
    static LoadBalancerDenials quiet(String nlb) {
        List<PortTotal> totals = Arrays.stream(Transport.values())
                .map(transport -> new PortTotal("", "", transport, 0, 0, 0))
                .toList();
        return new LoadBalancerDenials(nlb, "", "", 0, 0, 0, totals, 0, List.of(), List.of());
    }

    private static SourceCount source(String address, int prefixLength, long packets, long atMost) {
        long seconds = TAKEN_AT_MILLIS / 1000;
        return new SourceCount(Ip.parse(address), prefixLength, packets, atMost, seconds - 60, seconds - 1);
    }

    private static <E> Map<String, Long> zeros(E[] all, Function<E, String> label, Map<String, Long> counts) {
        return Arrays.stream(all)
                .map(label)
                .collect(Collectors.toMap(Function.identity(), name -> counts.getOrDefault(name, 0L)));
    }
}
