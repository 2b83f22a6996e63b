package io.denywatch.doctor;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What is asked about a node by itself, without a cluster. */
public final class NodeChecks {
    private NodeChecks() {}

    /**
     * The checks, in the order in which their answers are best read. Of the log, the last MiB is read, once.
     *
     * @param now against which ages are told
     */
    public static List<Check> of(Node node, Installation installation, Instant now) {
        List<Check> checks = new ArrayList<>();
        if (installation.readsFile()) {
            LogFile log = LogFile.of(node, installation, now);
            LogSample sample = log.sample();
            checks.add(log::findings);
            checks.add(new RotationCheck(node, installation.log()));
            if (sample != null) {
                checks.add(new LogWritersCheck(node, installation));
                checks.add(new StampsCheck(sample, installation, now));
                checks.add(new KernelLinesCheck(node, installation, sample, now));
                checks.add(new PacketLinesCheck(sample, installation.prefixes(), now));
                checks.add(new DataPlaneCheck(node, sample.packets() > 0));
            }
        } else {
            checks.add(new DataPlaneCheck(node, false));
        }
        checks.add(new KernelLogCheck(node, !installation.readsFile()));
        checks.add(new NamespacesCheck(node));
        checks.add(new CheckpointCheck(node, installation.checkpointDirectory()));
        return checks;
    }
}
