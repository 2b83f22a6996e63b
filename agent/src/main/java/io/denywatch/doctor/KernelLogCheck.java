package io.denywatch.doctor;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Whether the kernel's own log could be read. */
record KernelLogCheck(Node node, boolean isSource) implements Check {
    private static final Path DEVICE = Path.of("/dev/kmsg");
    private static final String RESTRICTION = "/proc/sys/kernel/dmesg_restrict";

    @Override
    public List<Finding> findings() {
        try {
            node.disk().tryToRead(node.locate(DEVICE));
            return List.of(FindingKind.KMSG_READABLE.found(DEVICE + ": can be opened"));
        } catch (IOException e) {
            FindingKind id = isSource ? FindingKind.KMSG_UNREADABLE : FindingKind.KMSG_NO_ALTERNATIVE;
            return List.of(id.found(DEVICE + ": " + reason(e)));
        }
    }

    private String reason(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "does not exist here";
        }
        Identity identity = Identity.of(node);
        String restricted = node.text(RESTRICTION).strip();
        return "may not be read by %s; kernel.dmesg_restrict is %s, CAP_SYSLOG is %s"
                .formatted(
                        identity.words(node),
                        restricted.isEmpty() ? "unknown" : restricted,
                        identity.mayReadKernelLog() ? "there" : "not there");
    }
}
