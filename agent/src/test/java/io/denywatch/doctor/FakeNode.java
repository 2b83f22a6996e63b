package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A node in a directory: a healthy one, until a test says what is wrong with it. */
final class FakeNode {
    static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    static final String BODY = "IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 SRC=198.51.100.7"
            + " DST=192.0.2.10 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=4711 DF PROTO=TCP SPT=40000 DPT=22 WINDOW=64240"
            + " RES=0x00 SYN URGP=0 ";
    static final String CRON = "2026-11-24T11:59:00.000001+00:00 n1 CRON[7]: (root) CMD (true)\n";
    static final String KERNEL = "2026-11-24T11:59:10.000001+00:00 n1 kernel: usb 1-1: new device\n";

    private final Path root;
    private final Set<Path> unreadable = new TreeSet<>();
    private final Set<Path> unwritable = new TreeSet<>();
    private long usableBytes = Long.MAX_VALUE;
    private boolean readsFile = true;
    private boolean trusted = true; // else there is always something to say
    private boolean blocks;
    private Path log = Path.of("/var/log/syslog");
    private List<String> prefixes = List.of("calico-packet", "calico-drop");
    private ZoneId zone = ZoneOffset.UTC;
    private boolean learnsZone = true;

    FakeNode(Path root) throws IOException {
        this.root = root;
        log(CRON + KERNEL + packet("calico-packet: "));
        file("/dev/kmsg", "");
        file("/proc/self/mountinfo", "21 1 8:1 / / rw - ext4 /dev/vda rw\n");
        file(
                "/proc/self/status",
                "Uid:\t0\t65534\t0\t0\nGid:\t0\t65534\t0\t0\nGroups:\t65534 4 \nCapEff:\t0000000000000000\n");
        file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n");
        file("/etc/group", "root:x:0:\nadm:x:4:syslog\nnogroup:x:65534:\n");
        rotation("rotate 4\ncompress\ndelaycompress\npostrotate\n if true; then { x; } fi\nendscript");
        Files.createDirectories(root.resolve("var/lib/denywatch"));
    }

    /** A line of the kernel with this prefix, blanks included, and the packet of {@link #BODY}. */
    static String packet(String prefix) {
        return "2026-11-24T11:59:30.000001+00:00 n1 kernel: [  12.345678] " + prefix + BODY + "\n";
    }

    FakeNode file(String path, String text) throws IOException {
        Path file = place(path);
        Files.createDirectories(file.resolve("..").normalize());
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    Path place(String path) {
        return root.resolve(path.substring(1));
    }

    FakeNode log(String text) throws IOException {
        file("/var/log/syslog", text);
        return written(NOW.minusSeconds(30));
    }

    /** Sets when the log was last written to. */
    FakeNode written(Instant when) throws IOException {
        Files.setLastModifiedTime(place("/var/log/syslog"), FileTime.from(when));
        return this;
    }

    /** Configures logrotate for the log with these directives. */
    FakeNode rotation(String directives) throws IOException {
        file("/etc/logrotate.conf", "weekly\ninclude /etc/logrotate.d\n");
        return file("/etc/logrotate.d/rsyslog", "/var/log/mail.log\n/var/log/syslog\n{\n" + directives + "\n}\n");
    }

    FakeNode without(String path) throws IOException {
        Files.delete(place(path));
        return this;
    }

    FakeNode unreadable(String path) {
        unreadable.add(place(path));
        return this;
    }

    FakeNode unwritable(String path) {
        unwritable.add(place(path));
        return this;
    }

    FakeNode usableBytes(long bytes) {
        usableBytes = bytes;
        return this;
    }

    FakeNode readingTheKernelsLog() {
        readsFile = false;
        return this;
    }

    FakeNode at(String path) {
        log = Path.of(path);
        return this;
    }

    FakeNode prefixes(String... texts) {
        prefixes = List.of(texts);
        return this;
    }

    FakeNode zone(ZoneId configured, boolean learns) {
        zone = configured;
        learnsZone = learns;
        return this;
    }

    private Node.Disk disk() {
        Node.Disk real = Node.Disk.real();
        return new Node.Disk() {
            @Override
            public void tryToRead(Path file) throws IOException {
                if (unreadable.contains(file)) {
                    throw new AccessDeniedException(file.toString());
                }
                real.tryToRead(file);
            }

            @Override
            public boolean isWritable(Path directory) {
                return !unwritable.contains(directory);
            }

            @Override
            public long usableBytes(Path directory) {
                return usableBytes;
            }
        };
    }

    /** What the operator says of the log, and whether sources are blocked for it. */
    void trusting(boolean says, boolean enforces) {
        trusted = says;
        blocks = enforces;
    }

    Diagnosis diagnosis() {
        return new Diagnosis(
                NOW.toEpochMilli(),
                NodeChecks.findings(
                        new Node(root, disk()),
                        new Installation(
                                readsFile,
                                log,
                                trusted,
                                blocks,
                                prefixes,
                                zone,
                                learnsZone,
                                Path.of("/var/lib/denywatch")),
                        NOW));
    }

    Optional<Finding> find(FindingKind id) {
        return diagnosis().findings().stream()
                .filter(finding -> finding.id().equals(id.id()))
                .findFirst();
    }

    /** Asserts that this is found, with these words in what was found. */
    void has(FindingKind id, String... words) {
        Finding finding = find(id).orElseThrow(() -> new AssertionError("no " + id + " in " + diagnosis()));
        for (String word : words) {
            assertTrue(finding.what().contains(word), finding::toString);
        }
    }

    void hasNot(FindingKind id) {
        assertEquals(Optional.empty(), find(id));
    }

    /** Asserts that these, and nothing else, are not well. */
    void hasOnly(FindingKind... ids) {
        assertEquals(
                List.of(ids).stream().map(FindingKind::id).sorted().toList(),
                diagnosis().findings().stream()
                        .filter(finding -> finding.severity() != Severity.OK)
                        .map(Finding::id)
                        .sorted()
                        .toList(),
                () -> diagnosis().toString());
    }
}
