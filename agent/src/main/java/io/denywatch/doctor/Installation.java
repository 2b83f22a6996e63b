package io.denywatch.doctor;

import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;

/**
 * What the agent on a node is configured to do.
 *
 * @param readsFile whether it reads a text log; else it reads the kernel's own
 * @param log the text log, absolute
 * @param trusted whether the operator says that nothing but the kernel's lines get there
 * @param blocks whether sources are blocked for what is read
 * @param prefixes starts of the log prefixes that it counts
 * @param zone of time stamps that have none, at first
 * @param learnsZone whether live lines may correct the zone
 * @param checkpointDirectory where it keeps its counts, absolute
 */
public record Installation(
        boolean readsFile,
        Path log,
        boolean trusted,
        boolean blocks,
        List<String> prefixes,
        ZoneId zone,
        boolean learnsZone,
        Path checkpointDirectory) {
    /** Copies the list. */
    public Installation {
        prefixes = List.copyOf(prefixes);
    }
}
