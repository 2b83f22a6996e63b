package io.denywatch.explain;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.command.TestWorld;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.config.Settings;
import io.denywatch.detection.Evidence;
import io.denywatch.explain.SourceLog.DatedLine;
import io.denywatch.explain.SourceLog.Findings;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.process.CommandFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceLogTest {
    private static final IpPrefix ASKED = IpPrefix.parse("198.51.100.7");
    private static final Instant START = Instant.parse("2026-03-01T03:00:00Z");

    private final TestWorld world = new TestWorld();
    private Path log = Path.of("");

    @BeforeEach
    void logIn(@TempDir Path folder) {
        log = folder.resolve("syslog");
    }

    private static String line(String source, int second, int port) {
        return START.plusSeconds(second) + " worker-1 kernel: calico-packet: IN=eth1 OUT= SRC=" + source
                + " DST=203.0.113.7 LEN=52 TOS=0x00 PREC=0x00 TTL=117 ID=1 DF PROTO=TCP SPT=42962 DPT=" + port
                + " WINDOW=64240 RES=0x00 SYN URGP=0 ";
    }

    private Findings read(IpPrefix asked, Evidence... evidence) {
        Settings settings = Settings.read(null, List.of("blocklist.rules=[{name: noisy, packets: 3 within 10s}]"));
        Configuration configuration = ConfigurationReader.read(settings, world.world());
        return SourceLog.read(
                world.world(),
                configuration,
                log,
                asked,
                configuration.blocklist().rules(),
                List.of(evidence));
    }

    private void write(String... lines) throws IOException {
        Files.writeString(log, String.join("\n", lines) + "\n");
    }

    @Test
    void readsTheRotatedFilesBeforeTheLogAndTellsFirstAndLatest() throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(log.resolveSibling("syslog.2.gz")))) {
            out.write((line("198.51.100.7", 0, 22) + "\n").getBytes(UTF_8));
        }
        Files.writeString(log.resolveSibling("syslog.1"), line("198.51.100.7", 100, 23) + "\n");
        write(line("198.51.100.8", 190, 25), line("198.51.100.7", 200, 22), line("198.51.100.77", 210, 25));

        Findings found = read(ASKED);

        assertEquals(3, found.packets());
        assertEquals(Optional.of(new DatedLine(START, line("198.51.100.7", 0, 22))), found.first());
        assertEquals(Optional.of(new DatedLine(START.plusSeconds(200), line("198.51.100.7", 200, 22))), found.latest());
        assertEquals(List.of("203.0.113.7 (3)"), found.nlbs());
        assertEquals(List.of("tcp/22 (2)", "tcp/23 (1)"), found.ports());
        assertEquals(Optional.empty(), found.reached());
        assertEquals(1, found.peaks().getFirst().amount());
        assertEquals("", world.err());
    }

    @Test
    void theLineThatReachedAThresholdIsTheThird() throws IOException {
        write(
                line("198.51.100.7", 0, 1),
                line("198.51.100.7", 1, 2),
                line("198.51.100.7", 2, 3),
                line("198.51.100.7", 3, 4));

        Findings found = read(ASKED);

        assertEquals(line("198.51.100.7", 2, 3), found.reached().orElseThrow().text());
        assertTrue(found.peaks().getFirst().isReached());
    }

    @Test
    void ofEvidenceTheFirstAndTheLastPacketAreFound() throws IOException {
        write(
                line("198.51.100.7", 0, 1),
                line("198.51.100.7", 50, 2),
                line("198.51.100.7", 51, 3),
                line("198.51.100.7", 60, 4));
        Evidence evidence = new Evidence(2, List.of(), List.of(), START.plusSeconds(50), START.plusSeconds(51));
        Evidence other = new Evidence(2, List.of(), List.of(), START.plusSeconds(70), START.plusSeconds(71));

        assertEquals(
                List.of(line("198.51.100.7", 50, 2), line("198.51.100.7", 51, 3)),
                read(ASKED, evidence, other).cited().stream()
                        .map(DatedLine::text)
                        .toList());
    }

    @Test
    void whoWasAnsweredDoesNotComeNearAThreshold() throws IOException {
        String answer = line("203.0.113.7", 1, 22)
                .replace("calico-packet", "calico-response-est")
                .replace("DST=203.0.113.7", "DST=198.51.100.7");
        write(line("198.51.100.7", 0, 1), answer, line("198.51.100.7", 2, 2), line("198.51.100.7", 3, 3));

        Findings found = read(ASKED);

        assertEquals(Optional.of(START.plusSeconds(1)), found.established());
        assertEquals(3, found.packets());
        assertEquals(1, found.peaks().getFirst().amount());
        assertFalse(found.reached().isPresent());
    }

    @Test
    void ofManySourcesTogetherNobodySaysHowNearTheyAre() throws IOException {
        write(line("198.51.100.7", 0, 1), line("198.51.100.8", 0, 1));
        Findings found = read(IpPrefix.parse("198.51.100.0/24"));
        assertEquals(2, found.packets());
        assertEquals(List.of(), found.peaks());
    }

    /** Also where somebody puts the address into other fields, or into lines that are none of the kernel's. */
    @Test
    void eachLineShownParsesToTheSource() throws IOException {
        String forged = line("198.51.100.7", 1, 22).replace(" kernel:", " app[1]: kernel:");
        String mirrored = line("203.0.113.9", 1, 22).replace("DST=203.0.113.7", "DST=198.51.100.7");
        String cut = line("198.51.100.7", 1, 22).substring(0, 120);
        write(forged, mirrored, cut, line("198.51.100.7", 2, 22), line("198.51.100.7", 3, 22), "\u001b[2J\0", forged);

        Findings found = read(ASKED);

        assertEquals(2, found.packets());
        PacketLogParser parser = PacketLogParser.withPrefixes(List.of("calico-packet"), new SyslogTime(ZoneOffset.UTC));
        DeniedPacket packet = new DeniedPacket();
        for (DatedLine sample : Stream.of(found.first(), found.latest())
                .flatMap(Optional::stream)
                .toList()) {
            byte[] bytes = sample.text().getBytes(ISO_8859_1);
            assertEquals(LineKind.PACKET, parser.parse(bytes, 0, bytes.length, packet));
            assertTrue(
                    ASKED.contains(packet.outer().sourceHigh(), packet.outer().sourceLow()), sample.text());
        }
    }

    @Test
    void aLogThatIsNotThereIsAFailureAndADamagedCopyOneLine() throws IOException {
        assertThrows(CommandFailure.class, () -> read(ASKED));
        write(line("198.51.100.7", 0, 1));
        Files.write(log.resolveSibling("syslog.1.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
        assertEquals(1, read(ASKED).packets());
        assertEquals(1, world.err().lines().count(), world.err());
        assertTrue(world.err().contains("syslog.1.gz"), world.err());
    }
}
