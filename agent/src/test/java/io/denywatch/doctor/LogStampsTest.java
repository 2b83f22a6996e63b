package io.denywatch.doctor;

import static io.denywatch.doctor.FindingKind.LOG_EMPTY;
import static io.denywatch.doctor.FindingKind.LOG_QUIET;
import static io.denywatch.doctor.FindingKind.PACKETS;
import static io.denywatch.doctor.FindingKind.STAMPS;
import static io.denywatch.doctor.FindingKind.STAMPS_IN_FUTURE;
import static io.denywatch.doctor.FindingKind.STAMPS_UNKNOWN;
import static io.denywatch.doctor.FindingKind.TIME_ZONE_LEARNED;
import static io.denywatch.doctor.FindingKind.TIME_ZONE_WRONG;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStampsTest {
    /** Written at {@link FakeNode#NOW} less half a minute, on a clock two hours ahead of UTC. */
    private static final String TRADITIONAL = "Nov 24 13:59:30 n1 kernel: calico-packet: " + FakeNode.BODY + "\n";

    @TempDir
    private Path root = Path.of("");

    private FakeNode node() throws IOException {
        return new FakeNode(root);
    }

    @Test
    void namesTheFormOfTimeStamps() throws IOException {
        node().has(STAMPS, "RFC 3339 time stamps: 3, without a zone: 0, unreadable: 0");
        node().log(TRADITIONAL).has(STAMPS, "RFC 3339 time stamps: 0, without a zone: 1");
    }

    @Test
    void warnsWhereMostTimeStampsAreUnreadable() throws IOException {
        String other = "24.11.2026 12:00 kernel: calico-packet: " + FakeNode.BODY + "\n";
        node().log(FakeNode.KERNEL + FakeNode.KERNEL + other).hasNot(STAMPS_UNKNOWN);
        node().log(FakeNode.KERNEL + other + other).has(STAMPS_UNKNOWN, "unreadable: 2");
    }

    @Test
    void measuresTheZoneOfTraditionalStampsByTheTimeOfWriting() throws IOException {
        node().log(TRADITIONAL).zone(ZoneOffset.UTC, true).has(TIME_ZONE_LEARNED, "zone Z", "off by +2:00 h");
        node().log(TRADITIONAL).zone(ZoneOffset.UTC, false).has(TIME_ZONE_WRONG, "zone Z", "off by +2:00 h");
        node().log(TRADITIONAL).zone(ZoneOffset.ofHours(5), false).has(TIME_ZONE_WRONG, "off by -3:00 h");
        node().log(TRADITIONAL).zone(ZoneOffset.ofHours(2), false).hasOnly();
        node().log(TRADITIONAL).zone(ZoneId.of("Africa/Cairo"), false).hasOnly();
    }

    @Test
    void tellsAgesWithTheZoneThatWasMeasured() throws IOException {
        node().log(TRADITIONAL).hasOnly(TIME_ZONE_LEARNED);
        node().log(TRADITIONAL).has(PACKETS, "the last one 30 seconds ago");
    }

    @Test
    void takesNoZoneFromStampsThatHaveOne() throws IOException {
        node().written(FakeNode.NOW.minus(Duration.ofHours(1))).hasOnly();
    }

    @Test
    void warnsOfStampsFromTheFuture() throws IOException {
        String later = FakeNode.KERNEL.replace("11:59:10", "12:00:59");
        String muchLater = FakeNode.KERNEL.replace("11:59:10", "15:00:00");
        node().log(later + FakeNode.packet("calico-packet: ")).hasOnly();
        node().log(muchLater + FakeNode.packet("calico-packet: ")).has(STAMPS_IN_FUTURE, "3 hours ahead of the clock");
    }

    @Test
    void warnsOfALogThatFellSilent() throws IOException {
        String old = FakeNode.packet("calico-packet: ").replace("11-24T11", "11-21T11");
        node().log(old).hasOnly(LOG_QUIET);
        node().log(old).has(LOG_QUIET, "3 days ago");
    }

    @Test
    void saysThatALogIsEmpty() throws IOException {
        node().log("").hasOnly(LOG_EMPTY);
    }

    @Test
    void looksIntoTheRotatedFileWhereTheLogWasJustRotated() throws IOException {
        FakeNode node = node();
        node.file("/var/log/syslog.1", FakeNode.CRON + FakeNode.packet("calico-packet: "))
                .log("");
        Files.setLastModifiedTime(node.place("/var/log/syslog.1"), FileTime.from(FakeNode.NOW.minusSeconds(30)));
        node.hasOnly();
    }
}
