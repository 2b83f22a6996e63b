package io.denywatch.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.denial.DenialLimits;
import io.denywatch.denial.DenialTable;
import io.denywatch.denial.Destinations;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Measure;
import io.denywatch.detection.SourceWindows;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.testing.PacketLines;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class DetectionLineTest {
    private static final DetectionRule EVERY_SECOND_PACKET = new DetectionRule(
            "noisy",
            Measure.PACKETS,
            2,
            3_600,
            EnumSet.allOf(Transport.class),
            Duration.ofHours(1),
            Duration.ofHours(1));

    private final List<Detection> found = new ArrayList<>();
    private final LineCounter tally = tally();

    private LineCounter tally() {
        SourceWindows windows = new SourceWindows(List.of(EVERY_SECOND_PACKET), 64, 1, found::add);
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        DenialTable table = new DenialTable(DenialLimits.DEFAULTS, List.of(), Destinations.ANY, 7);
        PacketLogParser parser = PacketLogParser.withPrefixes(List.of("calico-packet", "calico-drop"), time);
        return new LineCounter(parser, table, ZoneOffsetEstimator.configured(time), windows);
    }

    /** Lines of one source follow each other in a buffer in which others stand as well. */
    @Test
    void anOffenceKeepsTheVeryLineWithWhichTheThresholdWasReached() {
        String head = "2026-11-24T12:00:00Z n1 kernel: calico-packet: IN=eth0 OUT= SRC=198.51.100.7 DST=203.0.113.7 ";
        String tail = " TOS=0x00 PREC=0x00 TTL=63 ID=1 DF PROTO=TCP SPT=4 DPT=22 WINDOW=1 RES=0x00 SYN URGP=0 ";
        for (String line : List.of(head + "LEN=61" + tail, "nothing of ours", head + "LEN=62" + tail)) {
            byte[] bytes = ("before " + line + " behind").getBytes(ISO_8859_1);
            tally.line(bytes, 7, line.length());
        }
        assertEquals(1, found.size());
        assertEquals(head + "LEN=62" + tail, found.getFirst().evidence().line());
    }

    @Test
    void recordsOfTheKernelsOwnLogAreKeptAsWell() {
        String message = "calico-packet: IN=eth0 OUT= SRC=198.51.100.7 DST=203.0.113.7 LEN=52 TOS=0x00 PREC=0x00 TTL=63"
                + " ID=1 DF PROTO=TCP SPT=4 DPT=22 WINDOW=1 RES=0x00 SYN URGP=0 ";
        byte[] bytes = message.getBytes(ISO_8859_1);
        tally.kernelMessage(bytes, 0, bytes.length, 1_000_000);
        tally.kernelMessage(bytes, 0, bytes.length, 1_000_000);
        assertEquals(message, found.getFirst().evidence().line());
    }

    /** Each line twice makes an offence of whatever source it has. */
    @Test
    void theLineOfAnOffenceParsesToItsSourceWhateverTheKernelWrites() {
        PacketLogParser parser =
                PacketLogParser.withPrefixes(List.of("calico-packet", "calico-drop"), new SyslogTime(ZoneOffset.UTC));
        DeniedPacket packet = new DeniedPacket();
        int detections = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            String line = new PacketLines(seed).packetLine().replace("\u00ef\u00bb\u00bf", ""); // it would be escaped
            if (line.indexOf('\\') >= 0) {
                continue; // likewise
            }
            byte[] bytes = line.getBytes(ISO_8859_1);
            found.clear();
            tally.line(bytes, 0, bytes.length);
            tally.line(bytes, 0, bytes.length);
            for (Detection detection : found) {
                detections++;
                String text = detection.evidence().line();
                if (text.endsWith("...")) { // a link layer with a header as long as a line
                    assertTrue(line.length() > DeniedPacket.LINE_TEXT_MAX - 50, "seed " + seed + ": " + line);
                    continue;
                }
                byte[] kept = text.getBytes(ISO_8859_1);
                assertEquals(LineKind.PACKET, parser.parse(kept, 0, kept.length, packet), "seed " + seed + ": " + line);
                assertTrue(
                        detection
                                .source()
                                .contains(
                                        packet.outer().sourceHigh(),
                                        packet.outer().sourceLow()),
                        "seed " + seed + ": " + line);
            }
        }
        assertTrue(detections > 500, "the test would prove little with " + detections + " offences");
    }
}
