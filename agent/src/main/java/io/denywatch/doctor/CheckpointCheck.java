package io.denywatch.doctor;

import io.denywatch.process.Quantities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether counts can be kept. Nothing is written to find out. */
record CheckpointCheck(Node node, Path directory) implements Check {
    /** More than the agent takes: two records, and a new file beside the old one. */
    private static final long USABLE_BYTES_MIN = 16L * 1024 * 1024;

    @Override
    public List<Finding> findings() {
        Path there = nearestThere(directory);
        Path located = node.locate(there);
        String what = directory + ": " + (there.equals(directory) ? "" : "does not exist yet, and " + there + " ");
        if (!Files.isDirectory(located)) {
            return List.of(FindingKind.CHECKPOINT_UNWRITABLE.found(what + "is no directory"));
        }
        if (!node.disk().isWritable(located)) {
            String who = Identity.of(node).words(node);
            return List.of(FindingKind.CHECKPOINT_UNWRITABLE.found(what + "may not be written by " + who));
        }
        try {
            long usable = node.disk().usableBytes(located);
            String room = what + "can be written and has " + Quantities.bytes(usable);
            return List.of(
                    usable < USABLE_BYTES_MIN
                            ? FindingKind.CHECKPOINT_DISK_FULL.found(
                                    room + "; needed: " + Quantities.bytes(USABLE_BYTES_MIN))
                            : FindingKind.CHECKPOINT_WRITABLE.found(room));
        } catch (IOException e) {
            return List.of(FindingKind.CHECKPOINT_UNWRITABLE.found(what + "cannot be looked at: " + e.getMessage()));
        }
    }

    private Path nearestThere(Path path) {
        Path parent = path.getParent();
        return parent == null || Files.exists(node.locate(path)) ? path : nearestThere(parent);
    }
}
