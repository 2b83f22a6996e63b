package io.denywatch.doctor;

import static io.denywatch.doctor.FindingKind.CHECKPOINT_DISK_FULL;
import static io.denywatch.doctor.FindingKind.CHECKPOINT_UNWRITABLE;
import static io.denywatch.doctor.FindingKind.CHECKPOINT_WRITABLE;
import static io.denywatch.doctor.FindingKind.EBPF_DATA_PLANE;
import static io.denywatch.doctor.FindingKind.KMSG_NO_ALTERNATIVE;
import static io.denywatch.doctor.FindingKind.KMSG_READABLE;
import static io.denywatch.doctor.FindingKind.KMSG_UNREADABLE;
import static io.denywatch.doctor.FindingKind.NAMESPACES_NOT_LOGGED;
import static io.denywatch.doctor.FindingKind.NO_PACKETS;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStateTest {
    private static final String LOG_ALL = "/proc/sys/net/netfilter/nf_log_all_netns";

    @TempDir
    private Path root = Path.of("");

    private FakeNode node() throws IOException {
        return new FakeNode(root);
    }

    @Test
    void saysThatTheKernelsLogOpens() throws IOException {
        node().has(KMSG_READABLE, "/dev/kmsg");
        node().readingTheKernelsLog().hasOnly();
    }

    @Test
    void saysWhatIsMissingToReadTheKernelsLog() throws IOException {
        FakeNode node = node().unreadable("/dev/kmsg").file("/proc/sys/kernel/dmesg_restrict", "1\n");
        node.hasOnly(KMSG_NO_ALTERNATIVE);
        node.readingTheKernelsLog().hasOnly(KMSG_UNREADABLE);
        node.has(KMSG_UNREADABLE, "user nobody (65534)", "kernel.dmesg_restrict is 1, CAP_SYSLOG is missing");
        node.file("/proc/self/status", "Uid:\t0\t0\t0\t0\nCapEff:\t0000000400000000\n")
                .has(KMSG_UNREADABLE, "user root (0)", "CAP_SYSLOG is present");
    }

    @Test
    void asksForNoTextLogWhereTheKernelsOwnIsRead() throws IOException {
        node().without("/var/log/syslog")
                .rotation("copytruncate")
                .readingTheKernelsLog()
                .hasOnly();
    }

    @Test
    void saysThatTheKernelsLogIsNotThere() throws IOException {
        node().without("/dev/kmsg").has(KMSG_NO_ALTERNATIVE, "/dev/kmsg: does not exist here");
    }

    @Test
    void warnsOfNodesInContainersWhosePacketsAreNotLogged() throws IOException {
        node().file(LOG_ALL, "0\n").hasOnly();
        FakeNode node = node().file("/kind/version", "v0\n");
        node.has(NAMESPACES_NOT_LOGGED, "/kind/version", "nf_log_all_netns is 0");
        node.file(LOG_ALL, "1\n").hasOnly();
        node.without(LOG_ALL).has(NAMESPACES_NOT_LOGGED, "cannot be read here");
    }

    @Test
    void takesMapsOfCalicosForASignOfEbpf() throws IOException {
        String map = "/sys/fs/bpf/tc/globals/cali_v4_ct3";
        node().log(FakeNode.KERNEL).file(map, "").hasOnly(EBPF_DATA_PLANE, NO_PACKETS);
        node().file(map, "").hasOnly(); // lines do come
        node().file(map, "").readingTheKernelsLog().has(EBPF_DATA_PLANE, map);
    }

    @Test
    void takesXdpAloneForNoSignOfEbpf() throws IOException {
        node().log(FakeNode.KERNEL).file("/sys/fs/bpf/calico/xdp/x", "").hasOnly(NO_PACKETS);
        node().log(FakeNode.KERNEL).file("/sys/fs/bpf/calico/ctlb/x", "").hasOnly(EBPF_DATA_PLANE, NO_PACKETS);
    }

    @Test
    void saysWhereCountsAreKept() throws IOException {
        node().usableBytes(20L << 20).has(CHECKPOINT_WRITABLE, "/var/lib/denywatch: can be written and has 20.0 MiB");
        node().without("/var/lib/denywatch")
                .has(CHECKPOINT_WRITABLE, "does not exist yet, and /var/lib can be written");
    }

    @Test
    void saysThatCountsCannotBeKept() throws IOException {
        node().unwritable("/var/lib/denywatch").hasOnly(CHECKPOINT_UNWRITABLE);
        node().without("/var/lib/denywatch").unwritable("/var/lib").has(CHECKPOINT_UNWRITABLE, "/var/lib may not be");
        node().without("/var/lib/denywatch")
                .file("/var/lib/denywatch", "")
                .has(CHECKPOINT_UNWRITABLE, "is not a directory");
    }

    @Test
    void saysThatTheDiskIsFull() throws IOException {
        node().usableBytes((16L << 20) - 1).hasOnly(CHECKPOINT_DISK_FULL);
        node().usableBytes(16L << 20).hasOnly();
    }
}
