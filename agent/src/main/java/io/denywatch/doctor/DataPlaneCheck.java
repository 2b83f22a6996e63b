package io.denywatch.doctor;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether Calico's eBPF data plane has left signs, which logs elsewhere. */
record DataPlaneCheck(Node node, boolean logsPackets) implements Check {
    private static final Path TRAFFIC_CONTROL = Path.of("/sys/fs/bpf/tc/globals");
    private static final Path CALICO = Path.of("/sys/fs/bpf/calico");

    @Override
    public List<Finding> findings() {
        if (logsPackets) {
            return List.of(); // whatever the signs mean, lines do come
        }
        Optional<Path> sign = Stream.concat(
                        node.list(TRAFFIC_CONTROL).stream()
                                .filter(path -> name(path).startsWith("cali_")),
                        // With iptables, Calico drops with XDP what it can.
                        node.list(CALICO).stream().filter(path -> !name(path).equals("xdp")))
                .findFirst();
        return sign.map(path -> List.of(FindingKind.EBPF_DATA_PLANE.found(path + ": is there")))
                .orElse(List.of());
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
