package io.denywatch.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who can write lines of the kernel to the log: rsyslog's configuration tells, where it can be seen. */
record LogWritersCheck(Node node, Installation installation) implements Check {
    private static final Path SOCKET = Path.of("/dev/log");

    @Override
    public List<Finding> findings() {
        RsyslogRules rules = RsyslogRules.of(node);
        Path log = installation.log();
        boolean kernelAlone = rules.writesKernelAlone(log);
        if (installation.trusted() && (kernelAlone || !rules.writes(log))) {
            return List.of(FindingKind.LOG_OF_KERNEL_ALONE.found(
                    log + ": source.trusted says so" + (kernelAlone ? ", and so does rsyslog's configuration" : "")));
        }
        List<String> told = new ArrayList<>();
        if (installation.trusted()) {
            told.add("source.trusted is true, but rsyslog's configuration has another rule for it");
        } else if (kernelAlone) {
            told.add(
                    "rsyslog's configuration writes what imklog reads there and nothing else, so source.trusted may be true");
        } else if (!rules.inputs().isEmpty()) {
            told.add("rsyslog's inputs are " + String.join(", ", rules.inputs())
                    + ", and no rule keeps all but imklog out");
        } else if (installation.blocks()) {
            told.add("what may write there cannot be seen here");
        }
        socket().ifPresent(told::add);
        if (told.isEmpty()) {
            return List.of();
        }
        FindingKind id = installation.blocks() ? FindingKind.LOG_CAN_BE_FORGED : FindingKind.COUNTS_CAN_BE_FORGED;
        return List.of(id.found(log + ": " + String.join("; ", told)));
    }

    private Optional<String> socket() {
        try {
            boolean open = Files.getPosixFilePermissions(node.locate(node.target(SOCKET)))
                    .contains(PosixFilePermission.OTHERS_WRITE);
            return Optional.of(SOCKET + (open ? " is open to all users" : " is not open to all users"));
        } catch (IOException _) {
            return Optional.empty(); // it is not there, as in a pod
        }
    }
}
