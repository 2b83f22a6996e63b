package io.denywatch.doctor;

import static io.denywatch.doctor.FindingKind.ROTATION;
import static io.denywatch.doctor.FindingKind.ROTATION_COMPRESSION;
import static io.denywatch.doctor.FindingKind.ROTATION_COPYTRUNCATE;
import static io.denywatch.doctor.FindingKind.ROTATION_KEEPS_NOTHING;
import static io.denywatch.doctor.FindingKind.ROTATION_OLDDIR;
import static io.denywatch.doctor.FindingKind.ROTATION_UNKNOWN;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RotationTest {
    @TempDir
    private Path root = Path.of("");

    private FakeNode node() throws IOException {
        return new FakeNode(root);
    }

    @Test
    void saysWhichFileConfiguresTheRotation() throws IOException {
        node().has(ROTATION, "/etc/logrotate.d/rsyslog, for /var/log/syslog: renamed and compressed with gzip");
    }

    @Test
    void warnsOfCopytruncate() throws IOException {
        node().rotation("copytruncate").hasOnly(ROTATION_COPYTRUNCATE);
        node().rotation("copytruncate\nnocopytruncate").hasOnly();
        node().rotation("# copytruncate\npostrotate\ncopytruncate\nendscript").hasOnly();
    }

    @Test
    void warnsOfAnotherDirectory() throws IOException {
        node().rotation("olddir /var/old").has(ROTATION_OLDDIR, "olddir /var/old");
        node().rotation("olddir /var/log/a/b").hasOnly(ROTATION_OLDDIR);
        node().rotation("olddir /var/old\nnoolddir").hasOnly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/var/log/old", "old", "/var/log", "./old/"})
    void acceptsADirectoryInThatOfTheLog(String directory) throws IOException {
        node().rotation("olddir " + directory).hasOnly();
    }

    @Test
    void warnsWhereNothingIsKept() throws IOException {
        node().rotation("rotate 0").hasOnly(ROTATION_KEEPS_NOTHING);
        node().rotation("rotate 1").hasOnly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/usr/bin/xz", "zstd", "bzip2"})
    void warnsOfACompressionThatIsNotRead(String command) throws IOException {
        node().rotation("compress\ncompresscmd " + command).hasOnly(ROTATION_COMPRESSION);
        node().rotation("compress\ncompresscmd=" + command).hasOnly(ROTATION_COMPRESSION);
        node().rotation("compresscmd " + command).hasOnly();
        node().rotation("compress\nnocompress\ncompresscmd " + command).hasOnly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "/bin/gzip", "/usr/bin/pigz"})
    void acceptsWhatWritesGzip(String command) throws IOException {
        node().rotation("compress\ncompresscmd " + command).hasOnly();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/var/log/*log", "\"/var/log/syslog\"", "/var/log/a /var/log/sys[k-m]og", "/var/log/sys*"})
    void knowsTheLogByPatterns(String pattern) throws IOException {
        node().file("/etc/logrotate.d/rsyslog", pattern + " {\n copytruncate\n}")
                .hasOnly(ROTATION_COPYTRUNCATE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/var/log/sys", "/var/*", "/var/log/syslog.1", "/var/log/sys[", "# /var/log/syslog"})
    void leavesOtherLogsOut(String pattern) throws IOException {
        node().file("/etc/logrotate.d/rsyslog", pattern + " {\n copytruncate\n}")
                .hasOnly(ROTATION_UNKNOWN);
    }

    @Test
    void lowersGlobalDirectivesIntoIncludedFiles() throws IOException {
        node().file("/etc/logrotate.conf", "copytruncate\ninclude /etc/logrotate.d\n")
                .hasOnly(ROTATION_COPYTRUNCATE);
        node().file("/etc/logrotate.conf", "include /etc/logrotate.d\ncopytruncate\n")
                .hasOnly();
        node().rotation("nocopytruncate")
                .file("/etc/logrotate.conf", "copytruncate\ninclude /etc/logrotate.d\n")
                .hasOnly();
    }

    @Test
    void readsTheDirectoryWhereTheMainFileIsNotMounted() throws IOException {
        node().rotation("copytruncate").without("/etc/logrotate.conf").hasOnly(ROTATION_COPYTRUNCATE);
    }

    @Test
    void leavesOutWhatPackageManagersLeaveBehind() throws IOException {
        node().file("/etc/logrotate.d/a.dpkg-old", "/var/log/syslog {\ncopytruncate\n}")
                .hasOnly();
    }

    @Test
    void saysNothingWhereThereIsNoLogrotate() throws IOException {
        FakeNode node = node().without("/etc/logrotate.conf").without("/etc/logrotate.d/rsyslog");
        node.hasOnly();
        node.hasNot(ROTATION);
    }

    @Test
    void survivesFilesThatIncludeEachOther() throws IOException {
        node().file("/etc/logrotate.d/loop", "include /etc/logrotate.conf\n").hasOnly();
    }
}
