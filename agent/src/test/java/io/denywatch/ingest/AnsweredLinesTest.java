package io.denywatch.ingest;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.denial.StoppedPackets;
import io.denywatch.detection.PacketObserver;
import io.denywatch.ip.Ip;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnsweredLinesTest {
    private static final String NOW = "2026-11-24T12:00:00Z";

    private final List<String> told = new ArrayList<>();
    private String responseBase = "";
    private final LineCounter tally = tally();

    private LineCounter tally() {
        PacketObserver observer = new PacketObserver() {
            @Override
            public void packet(ObservedPacket packet) {
                told.add("packet from " + new Ip(packet.sourceHigh(), packet.sourceLow()));
            }

            @Override
            public void established(long clientHigh, long clientLow, long micros) {
                told.add(new Ip(clientHigh, clientLow) + " at " + Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
            }
        };
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 7);
        PacketLogParser parser = PacketLogParser.withPrefixes(List.of("calico-packet"), time);
        return new LineCounter(
                parser,
                table,
                ZoneOffsetEstimator.configured(time),
                observer,
                StoppedPackets.off(),
                () -> responseBase);
    }

    private List<String> told(String head, String prefix, String source, String destination) {
        told.clear();
        boolean ipv6 = source.indexOf(':') >= 0;
        byte[] line = (head + " " + prefix + ": IN= OUT=eth1 SRC=" + source + " DST=" + destination
                        + (ipv6 ? " LEN=60 TC=0 HOPLIMIT=63 FLOWLBL=0 " : " LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=1 DF ")
                        + "PROTO=TCP SPT=443 DPT=40000 WINDOW=64240 RES=0x00 ACK SYN URGP=0 ")
                .getBytes(US_ASCII);
        tally.line(line, 0, line.length);
        return List.copyOf(told);
    }

    @Test
    void establishedResponseTellsWhoAskedHoweverLate() {
        tally.begin(Instant.parse(NOW).toEpochMilli(), true);
        for (String prefix : List.of("calico-response-est", "calico-packet-est")) {
            assertEquals(
                    List.of("198.51.100.7 at " + NOW),
                    told(NOW + " n1 kernel:", prefix, "203.0.113.7", "198.51.100.7"));
        }
        assertEquals(
                List.of("2001:db8::1 at 2026-11-23T12:00:00Z"),
                told(
                        "2026-11-23T12:00:00Z n1 kernel:",
                        "calico-response-est",
                        "2001:0db8:000f:0000:0000:0000:0000:0007",
                        "2001:0db8:0000:0000:0000:0000:0000:0001"));
    }

    @Test
    void knowsResponsesByThePrefixThatTheClusterNames() {
        String head = NOW + " n1 kernel:";
        tally.begin(Instant.parse(NOW).toEpochMilli(), true);
        assertEquals(List.of(), told(head, "answers to denied-est", "203.0.113.7", "198.51.100.7"));
        responseBase = "answers to denied";
        tally.begin(Instant.parse(NOW).toEpochMilli(), true);
        List<String> answered = List.of("198.51.100.7 at " + NOW);
        assertEquals(answered, told(head, "answers to denied-est", "203.0.113.7", "198.51.100.7"));
        assertEquals(List.of(), told(head, "answers to denied-rst", "203.0.113.7", "198.51.100.7"));
        assertEquals(List.of(), told(head, "answers-est", "203.0.113.7", "198.51.100.7"));
        assertEquals(answered, told(head, "calico-response-est", "203.0.113.7", "198.51.100.7")); // logged before
        responseBase = "answers to denied packets of all"; // which iptables has no room for
        tally.begin(Instant.parse(NOW).toEpochMilli(), true);
        assertEquals(answered, told(head, "answers to denied -est", "203.0.113.7", "198.51.100.7"));
        responseBase = "";
        tally.begin(Instant.parse(NOW).toEpochMilli(), true);
        assertEquals(List.of(), told(head, "answers to denied-est", "203.0.113.7", "198.51.100.7"));
        assertEquals(answered, told(head, "calico-packet-resp-est", "203.0.113.7", "198.51.100.7"));
    }

    @Test
    void nothingElseProvesThatSomebodyWasLetIn() {
        tally.begin(Instant.parse(NOW).toEpochMilli(), true);
        String head = NOW + " n1 kernel:";
        assertEquals(List.of(), told(head, "calico-response-rst", "203.0.113.7", "198.51.100.7"));
        assertEquals(List.of(), told(head, "calico-response-icmp-err", "203.0.113.7", "198.51.100.7"));
        assertEquals(List.of("packet from 203.0.113.7"), told(head, "calico-packet", "203.0.113.7", "198.51.100.7"));
        assertEquals(List.of(), told(NOW + " n1 app[1]:", "calico-response-est", "203.0.113.7", "198.51.100.7"));
        assertEquals(
                List.of(), told(NOW + " n1 app[1]: kernel:", "calico-response-est", "203.0.113.7", "198.51.100.7"));
        assertEquals(
                List.of(),
                told(
                        head,
                        "calico-response-est",
                        "2001:0db8:0000:0000:0000:0000:0000:0001",
                        "0000:0000:0000:0000:0000:ffff:c633:6407"));
        assertEquals(List.of(), told(head, "calico-response-est", "203.0.113.7", "198.51.100"));
    }

    @Test
    void answerFromTheFutureIsNotBelieved() {
        tally.begin(Instant.parse(NOW).toEpochMilli(), true);
        String soon = "2026-11-24T12:00:05Z n1 kernel:";
        String later = "2026-11-24T12:00:06Z n1 kernel:";
        assertEquals(
                1,
                told(soon, "calico-response-est", "203.0.113.7", "198.51.100.7").size());
        assertEquals(List.of(), told(later, "calico-response-est", "203.0.113.7", "198.51.100.7"));
    }
}
