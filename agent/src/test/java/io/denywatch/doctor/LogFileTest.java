package io.denywatch.doctor;

import static io.denywatch.doctor.FakeNode.NOW;
import static io.denywatch.doctor.FindingKind.JOURNALD_ONLY;
import static io.denywatch.doctor.FindingKind.LOGGER_NOT_SIGNALLED;
import static io.denywatch.doctor.FindingKind.LOG_AT_ANOTHER_PATH;
import static io.denywatch.doctor.FindingKind.LOG_IS_LINK;
import static io.denywatch.doctor.FindingKind.LOG_MISSING;
import static io.denywatch.doctor.FindingKind.LOG_MOUNTED_ALONE;
import static io.denywatch.doctor.FindingKind.LOG_NOT_REGULAR;
import static io.denywatch.doctor.FindingKind.LOG_READABLE;
import static io.denywatch.doctor.FindingKind.LOG_UNREADABLE;
import static io.denywatch.doctor.FindingKind.ROTATED_UNREADABLE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFileTest {
    @TempDir
    private Path root = Path.of("");

    private FakeNode node() throws IOException {
        return new FakeNode(root);
    }

    private void mode(String mode) throws IOException {
        Files.setPosixFilePermissions(root.resolve("var/log/syslog"), PosixFilePermissions.fromString(mode));
    }

    @Test
    void findsNothingWrongWithAHealthyNode() throws IOException {
        node().hasOnly();
    }

    @Test
    void saysWhoCanReadTheLog() throws IOException {
        FakeNode node = node();
        mode("rw-r-----");
        node.has(LOG_READABLE, "/var/log/syslog: ", "0640", "can be read by user nobody (65534) of groups", "adm (4)");
    }

    @Test
    void saysWhoMayReadALogThatIsRefused() throws IOException {
        FakeNode node = node().unreadable("/var/log/syslog");
        mode("rw-r-----");
        node.has(
                LOG_UNREADABLE,
                "/var/log/syslog: may not be read by user nobody (65534) of groups nogroup (65534), adm (4)",
                "mode 0640",
                "which may read it");
        mode("rw-------");
        node.has(LOG_UNREADABLE, "mode 0600", "which may not read it");
        node.hasNot(LOG_READABLE);
    }

    @Test
    void saysWhereItLookedForAMissingLog() throws IOException {
        node().without("/var/log/syslog")
                .has(
                        LOG_MISSING,
                        "/var/log/syslog: does not exist",
                        "/var/log/kern.log (does not exist), /var/log/messages (does not exist)");
    }

    @Test
    void findsTheLogThatHasTheKernelsLines() throws IOException {
        FakeNode node = node().without("/var/log/syslog");
        node.file("/var/log/kern.log", FakeNode.CRON).file("/var/log/messages", FakeNode.CRON + FakeNode.KERNEL);
        node.has(LOG_AT_ANOTHER_PATH, "/var/log/messages (has lines of the kernel)", "kern.log (without");
        node.unreadable("/var/log/messages")
                .has(LOG_MISSING, "/var/log/messages (without readable lines of the kernel");
    }

    @Test
    void tellsANodeThatHasAJournalOnly() throws IOException {
        FakeNode node = node().without("/var/log/syslog");
        Files.createDirectories(node.place("/run/log/journal"));
        node.has(JOURNALD_ONLY, "/run/log/journal");
        node.file("/var/log/messages", "").hasNot(JOURNALD_ONLY);
        node.has(LOG_MISSING);
    }

    @Test
    void refusesWhatIsNoRegularFile() throws IOException {
        FakeNode node = node().without("/var/log/syslog");
        Files.createDirectories(node.place("/var/log/syslog"));
        node.hasOnly(LOG_NOT_REGULAR);
        node.has(LOG_NOT_REGULAR, "is a directory");
    }

    @Test
    void followsALinkInsideTheNode() throws IOException {
        FakeNode node = node();
        Files.move(node.place("/var/log/syslog"), node.place("/var/log/real"));
        Files.createSymbolicLink(node.place("/var/log/syslog"), Path.of("/var/log/real"));
        node.hasOnly(LOG_IS_LINK);
        node.has(LOG_IS_LINK, "is a link to /var/log/real");
        node.has(LOG_READABLE);
    }

    @Test
    void saysThatTheLoggerWritesOnInTheRotatedFile() throws IOException {
        FakeNode node = node().log("")
                .written(NOW.minusSeconds(60))
                .file("/var/log/syslog.1", FakeNode.KERNEL + FakeNode.packet("calico-packet: "));
        Path rotated = node.place("/var/log/syslog.1");
        Files.setLastModifiedTime(rotated, FileTime.from(NOW.minusSeconds(2)));
        node.has(
                LOGGER_NOT_SIGNALLED,
                "/var/log/syslog: is empty, and syslog.1 was written to after the log was created");
        Files.setLastModifiedTime(rotated, FileTime.from(NOW.minusSeconds(60).plusMillis(65)));
        node.hasNot(LOGGER_NOT_SIGNALLED);
        Files.setLastModifiedTime(rotated, FileTime.from(NOW.minusSeconds(2)));
        node.log(FakeNode.KERNEL).hasNot(LOGGER_NOT_SIGNALLED);
    }

    @Test
    void tellsALinkToNothingFromAMissingLog() throws IOException {
        FakeNode node = node().without("/var/log/syslog");
        Files.createSymbolicLink(node.place("/var/log/syslog"), Path.of("elsewhere/syslog"));
        node.has(LOG_MISSING, "is a link to /var/log/elsewhere/syslog, which does not exist here");
    }

    @Test
    void survivesALinkToItself() throws IOException {
        FakeNode node = node().without("/var/log/syslog");
        Files.createSymbolicLink(node.place("/var/log/syslog"), Path.of("syslog"));
        node.has(LOG_UNREADABLE, "/var/log/syslog");
    }

    @Test
    void tellsARotatedFileThatCannotBeReadFromTheLogItself() throws IOException {
        FakeNode node = node().file("/var/log/syslog.1.gz", "this is no gzip");
        node.hasOnly(ROTATED_UNREADABLE);
        node.has(LOG_READABLE);
    }

    @Test
    void tellsAFileThatIsMountedAloneFromItsDirectory() throws IOException {
        String disk = "21 1 8:1 / / rw - ext4 /dev/vda rw\n";
        FakeNode node = node();
        node.file("/proc/self/mountinfo", disk + "99 21 8:1 /var/log /var/log ro - ext4 /dev/vda rw\n");
        node.hasNot(LOG_MOUNTED_ALONE);
        node.file("/proc/self/mountinfo", disk + "99 21 8:1 /var/log/syslog /var/log/syslog ro - ext4 /dev/vda rw\n");
        node.hasOnly(LOG_MOUNTED_ALONE);
    }
}
