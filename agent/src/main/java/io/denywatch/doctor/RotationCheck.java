package io.denywatch.doctor;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whether the log is rotated in a way that can be followed. */
record RotationCheck(Node node, Path log) implements Check {
    /** They write what gzip reads. */
    private static final Pattern GZIP = Pattern.compile("(.*/)?(gzip|pigz)");

    @Override
    public List<Finding> findings() {
        Rotation rotation = Rotation.of(node, log).or(this::ofTarget).orElse(null);
        if (rotation == null) {
            return Rotation.isConfigured(node)
                    ? List.of(FindingKind.ROTATION_UNKNOWN.found(log + ": logrotate's configuration does not name it"))
                    : List.of();
        }
        String what = rotation.configuration() + ", for " + log + ": ";
        List<Finding> findings = new ArrayList<>();
        if (rotation.has("copytruncate")) {
            findings.add(FindingKind.ROTATION_COPYTRUNCATE.found(what + "copytruncate"));
        }
        if (rotation.has("olddir") && !isNear(rotation.argument("olddir"))) {
            findings.add(FindingKind.ROTATION_OLDDIR.found(what + "olddir " + rotation.argument("olddir")));
        }
        if (rotation.argument("rotate").equals("0")) {
            findings.add(FindingKind.ROTATION_KEEPS_NOTHING.found(what + "rotate 0"));
        }
        String command = rotation.argument("compresscmd");
        boolean compresses = rotation.has("compress");
        if (compresses && !command.isEmpty() && !GZIP.matcher(command).matches()) {
            findings.add(FindingKind.ROTATION_COMPRESSION.found(what + "compresscmd " + command));
        }
        return findings.isEmpty()
                ? List.of(FindingKind.ROTATION.found(
                        what + "renamed" + (compresses ? " and compressed with gzip" : ", not compressed")))
                : findings;
    }

    /** Whether a directory is that of the log, or of what the log is a link to, or lies directly in it. */
    private boolean isNear(String olddir) {
        try {
            Path parent = node.target(log).getParent();
            if (parent == null) {
                return false;
            }
            Path directory = parent.resolve(olddir).normalize(); // logrotate takes it relative to the log's own
            return directory.equals(parent) || parent.equals(directory.getParent());
        } catch (IOException | InvalidPathException _) {
            return false;
        }
    }

    private Optional<Rotation> ofTarget() {
        try {
            return Rotation.of(node, node.target(log));
        } catch (IOException _) {
            return Optional.empty();
        }
    }
}
