package io.denywatch.ingest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.DiscoveredLoadBalancers;
import io.denywatch.denial.LoadBalancer;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.denial.Transport;
import io.denywatch.detection.PacketObserver;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.tail.FileTail;
import io.denywatch.testing.LogFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When load balancers that are discovered come to be known, and whom packets may be held against. */
class IngestDiscoveryTest {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
    private static final DiscoveredLoadBalancers WEB = new DiscoveredLoadBalancers(
            List.of(new LoadBalancer(
                    List.of(IpPrefix.parse("203.0.113.7")),
                    "shop",
                    "web",
                    List.of(),
                    List.of(new ServicePort(Transport.TCP, 443)))),
            List.of(Ip.parse("10.0.0.1")));

    @TempDir
    private Path directory = Path.of("");

    private final List<String> observed = new ArrayList<>();
    private LogFile log = new LogFile(Path.of("none"));
    private Instant now = START;
    private FileTail.Start from = FileTail.Start.BEGINNING;
    private Optional<DiscoveredLoadBalancers> discovered = Optional.empty();
    private Ingest ingest = agent();

    @BeforeEach
    void start() throws IOException {
        log = new LogFile(directory.resolve("syslog"));
        log.append("");
        ingest = agent();
    }

    @AfterEach
    void stop() {
        ingest.close();
    }

    private Ingest agent() {
        return new Ingest(
                new Checkpoint(directory.resolve("state"), Checkpoint.SLOT_BYTES_MIN),
                savedKind -> new FileTail(log.path(), from),
                this::zero,
                () -> discovered,
                now.toEpochMilli());
    }

    private IngestState zero() {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        ZoneOffsetEstimator offset = ZoneOffsetEstimator.configured(time);
        PacketObserver observer = packet -> observed.add(new Ip(packet.sourceHigh(), packet.sourceLow()) + " "
                + packet.transport().label() + "/" + packet.port() + " "
                + new Ip(packet.targetHigh(), packet.targetLow()) + " " + packet.atLoadBalancer() + " "
                + (packet.micros() - START.toEpochMilli() * 1_000));
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.DISCOVERED, 7);
        LineCounter tally =
                new LineCounter(PacketLogParser.withPrefixes(List.of("calico-packet"), time), table, offset, observer);
        return new IngestState(time, offset, tally, table);
    }

    private void write(Instant at, String source, String destination) throws IOException {
        boolean ipv6 = source.indexOf(':') >= 0;
        log.append(at + " n1 kernel: calico-packet: IN=eth1 OUT= MAC= SRC=" + source + " DST=" + destination
                + (ipv6 ? " LEN=60 TC=0 HOPLIMIT=63 FLOWLBL=0 " : " LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF ")
                + "PROTO=TCP SPT=40000 DPT=443 WINDOW=64240 RES=0x00 SYN URGP=0 \n");
    }

    private IngestSnapshot pollAfter(long millis) {
        now = now.plusMillis(millis);
        ingest.poll(now.toEpochMilli());
        return ingest.snapshot();
    }

    private static long named(IngestSnapshot snapshot) {
        return snapshot.denials().loadBalancers().stream()
                .mapToLong(LoadBalancerDenials::packets)
                .sum();
    }

    @Test
    void aFreshStartReadsNothingBeforeTheLoadBalancersAreKnown() throws IOException {
        write(START, "198.51.100.1", "203.0.113.7");
        pollAfter(0);
        IngestSnapshot waiting = pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
        assertFalse(waiting.settled());
        assertEquals(now.toEpochMilli(), waiting.takenAtMillis(), "the loop is alive");
        assertEquals(0, waiting.lines().get("packet"));
        discovered = Optional.of(WEB);
        IngestSnapshot known = pollAfter(100);
        assertTrue(known.settled());
        assertEquals(1, named(known));
    }

    @Test
    void aFreshStartWaitsForThemNoLongerThanItSays() throws IOException {
        write(START, "198.51.100.1", "203.0.113.7");
        pollAfter(0);
        assertFalse(pollAfter(Ingest.AWAIT_MILLIS_MAX - 1).settled());
        IngestSnapshot unnamed = pollAfter(1);
        assertEquals(1, unnamed.denials().other().packets());
        discovered = Optional.of(WEB);
        write(START, "198.51.100.1", "203.0.113.7");
        assertEquals(1, named(pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS)));
    }

    @Test
    void aFreshStartAtTheEndCountsWhatIsWrittenWhileItWaits() throws IOException {
        from = FileTail.Start.END;
        write(START, "198.51.100.1", "203.0.113.7");
        pollAfter(0);
        write(START, "198.51.100.2", "203.0.113.7");
        pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
        write(START, "198.51.100.3", "203.0.113.7");
        discovered = Optional.of(WEB);
        assertEquals(2, named(pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS)));
        assertEquals(2, observed.size());
    }

    @Test
    void aFreshStartAtTheEndFollowsTheLogThatIsRotatedWhileItWaits() throws IOException {
        from = FileTail.Start.END;
        write(START, "198.51.100.1", "203.0.113.7");
        pollAfter(0);
        write(START, "198.51.100.2", "203.0.113.7");
        log.rotate();
        write(START, "198.51.100.3", "203.0.113.7");
        pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
        discovered = Optional.of(WEB);
        assertEquals(2, named(pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS)));
    }

    @Test
    void aRestartDoesNotWaitAndGoesOnUnderTheLastKnownNames() throws IOException {
        discovered = Optional.of(WEB);
        write(START, "198.51.100.1", "203.0.113.7");
        pollAfter(0);
        ingest.close();
        discovered = Optional.empty();
        ingest = agent();
        write(START, "198.51.100.1", "203.0.113.7");
        assertEquals(2, named(pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS)));
        discovered = Optional.of(DiscoveredLoadBalancers.NONE);
        write(START, "198.51.100.1", "203.0.113.7");
        IngestSnapshot deleted = pollAfter(Ingest.PUBLISH_INTERVAL_MILLIS);
        assertEquals(2, named(deleted));
        assertEquals(1, deleted.denials().other().packets());
    }

    @Test
    void tellsOfPacketsThatMayBeActedUponAndOfNoOthers() throws IOException {
        discovered = Optional.of(WEB);
        write(START, "198.51.100.1", "203.0.113.7");
        write(START.plusSeconds(5), "198.51.100.2", "203.0.113.8");
        write(START.plusSeconds(6), "198.51.100.3", "203.0.113.7"); // early
        write(START.minusSeconds(121), "198.51.100.4", "203.0.113.7"); // late
        write(START, "0000:0000:0000:0000:0000:ffff:c633:6405", "2001:0db8:0000:0000:0000:0000:0000:0007"); // forged
        write(START, "2001:0db8:0000:0000:0000:0000:0000:0006", "2001:0db8:0000:0000:0000:0000:0000:0007");
        write(START, "198.51.100.7", "10.0.0.1"); // a node port
        assertEquals(7, pollAfter(0).lines().get("packet"));
        assertEquals(
                List.of(
                        "198.51.100.1 tcp/443 203.0.113.7 true 0",
                        "198.51.100.2 tcp/443 203.0.113.8 false 5000000",
                        "2001:db8::6 tcp/443 2001:db8::7 false 0",
                        "198.51.100.7 tcp/443 203.0.113.7 true 0"),
                observed);
    }
}
