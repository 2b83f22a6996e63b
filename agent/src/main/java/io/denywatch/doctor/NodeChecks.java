package io.denywatch.doctor;

import io.denywatch.process.Quantities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The checks of a node by itself, without a cluster. */
public final class NodeChecks {
    private static final Path KERNEL_LOG = Path.of("/dev/kmsg");
    private static final String KERNEL_LOG_RESTRICTION = "/proc/sys/kernel/dmesg_restrict";

    private static final Path TRAFFIC_CONTROL_MAPS = Path.of("/sys/fs/bpf/tc/globals");
    private static final Path CALICO_MAPS = Path.of("/sys/fs/bpf/calico");

    private static final String LOG_ALL_NAMESPACES = "/proc/sys/net/netfilter/nf_log_all_netns";
    private static final List<String> SIGNS_OF_CONTAINERS =
            List.of("/kind/version", "/.dockerenv", "/run/.containerenv");

    /** Minimum free space: more than the agent writes, which is two records and a new file next to the old one. */
    private static final long CHECKPOINT_BYTES_MIN = 16L * 1024 * 1024;

    private final Node node;
    private final List<Finding> findings = new ArrayList<>();

    private NodeChecks(Node node) {
        this.node = node;
    }

    /**
     * The findings, in reading order. Reads the last MiB of the log once.
     *
     * @param now the time that ages are relative to
     */
    public static List<Finding> findings(Node node, Installation installation, Instant now) {
        NodeChecks checks = new NodeChecks(node);
        if (installation.readsFile()) {
            checks.textLog(installation, now);
        } else {
            checks.dataPlane();
        }
        checks.kernelLog(!installation.readsFile());
        checks.namespaces();
        checks.findings.add(checks.checkpoint(installation.checkpointDirectory()));
        return checks.findings;
    }

    private void textLog(Installation installation, Instant now) {
        LogFile log = LogFile.of(node, installation, now);
        findings.addAll(log.findings());
        findings.addAll(Rotation.findings(node, installation.log()));
        LogSample sample = log.sample();
        if (sample != null) {
            findings.addAll(new LogChecks(node, installation, sample, now).findings());
            findings.addAll(new PacketChecks(sample, installation.prefixes(), now).findings());
            if (sample.packets() == 0) { // otherwise the data plane does log, whatever the traces mean
                dataPlane();
            }
        }
    }

    /** Looks for traces of Calico's eBPF data plane, which logs elsewhere. */
    private void dataPlane() {
        Stream.concat(
                        node.list(TRAFFIC_CONTROL_MAPS).stream()
                                .filter(path -> name(path).startsWith("cali_")),
                        // With iptables, Calico uses XDP where it can.
                        node.list(CALICO_MAPS).stream()
                                .filter(path -> !name(path).equals("xdp")))
                .findFirst()
                .ifPresent(path -> findings.add(FindingKind.EBPF_DATA_PLANE.found(path + ": exists")));
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private void kernelLog(boolean isRead) {
        try {
            node.disk().tryToRead(node.locate(KERNEL_LOG));
            findings.add(FindingKind.KMSG_READABLE.found(KERNEL_LOG + ": can be opened"));
        } catch (IOException e) {
            FindingKind kind = isRead ? FindingKind.KMSG_UNREADABLE : FindingKind.KMSG_NO_ALTERNATIVE;
            findings.add(kind.found(KERNEL_LOG + ": " + unreadable(e)));
        }
    }

    private String unreadable(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "does not exist here";
        }
        Identity identity = Identity.of(node);
        String restricted = node.text(KERNEL_LOG_RESTRICTION).strip();
        return "may not be read by %s; kernel.dmesg_restrict is %s, CAP_SYSLOG is %s"
                .formatted(
                        identity.words(node),
                        restricted.isEmpty() ? "unknown" : restricted,
                        identity.mayReadKernelLog() ? "present" : "missing");
    }

    /** Checks whether the kernel logs packets of all network namespaces, where nodes are containers. */
    private void namespaces() {
        String value = node.text(LOG_ALL_NAMESPACES).strip(); // only the first namespace has this setting
        SIGNS_OF_CONTAINERS.stream()
                .filter(sign -> node.exists(sign) && !value.equals("1"))
                .findFirst()
                .ifPresent(sign -> findings.add(
                        FindingKind.NAMESPACES_NOT_LOGGED.found(sign + ": exists; net.netfilter.nf_log_all_netns "
                                + (value.isEmpty() ? "cannot be read here" : "is " + value))));
    }

    /** Whether counts can be kept. Writes nothing. */
    private Finding checkpoint(Path directory) {
        Path there = nearestThere(directory);
        Path located = node.locate(there);
        String what = directory + ": " + (there.equals(directory) ? "" : "does not exist yet, and " + there + " ");
        if (!Files.isDirectory(located)) {
            return FindingKind.CHECKPOINT_UNWRITABLE.found(what + "is not a directory");
        }
        if (!node.disk().isWritable(located)) {
            String who = Identity.of(node).words(node);
            return FindingKind.CHECKPOINT_UNWRITABLE.found(what + "may not be written by " + who);
        }
        try {
            long usable = node.disk().usableBytes(located);
            String room = what + "can be written and has " + Quantities.bytes(usable);
            return usable < CHECKPOINT_BYTES_MIN
                    ? FindingKind.CHECKPOINT_DISK_FULL.found(
                            room + "; needed: " + Quantities.bytes(CHECKPOINT_BYTES_MIN))
                    : FindingKind.CHECKPOINT_WRITABLE.found(room);
        } catch (IOException e) {
            return FindingKind.CHECKPOINT_UNWRITABLE.found(what + "cannot be examined: " + e.getMessage());
        }
    }

    private Path nearestThere(Path path) {
        Path parent = path.getParent();
        return parent == null || Files.exists(node.locate(path)) ? path : nearestThere(parent);
    }
}
