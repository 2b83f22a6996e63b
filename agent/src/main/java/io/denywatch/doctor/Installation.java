package io.denywatch.doctor;

import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;

/**
 * The configuration of the agent on a node, as far as doctor checks it.
 *
 * @param readsFile whether it reads a text log; otherwise it reads the kernel's own log
 * @param log the text log, absolute
 * @param trusted whether the log is configured to contain only the kernel's lines
 * @param blocks whether the agent blocks sources
 * @param prefixes the beginnings of the log prefixes that it counts
 * @param zone the initial time zone of time stamps without one
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
