package io.denywatch.ingest;

import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.StoppedSources;
import io.denywatch.tail.TailSnapshot;
import java.util.Map;

/**
 * Everything that the ingest thread knows at one moment. Immutable; published through one volatile field.
 *
 * @param takenAtMillis Unix time in milliseconds
 * @param sinceMillis Unix time in milliseconds at which counting began, possibly in an earlier process
 * @param settled whether the counts are at least as high as any published before; otherwise they must not be shown
 * @param sourceKind {@code file} or {@code kmsg}; empty before one is opened
 * @param sourcePath of the log; empty before one is opened
 * @param tail counts of the log
 * @param lines lines by result, as {@link LineCounter#results} returns them
 * @param malformed lines by reason
 * @param suppressed lines that were reported as dropped, by the program that dropped them
 * @param catchingUp whether the lines being read are late
 * @param timestampOffsetSeconds offset from UTC of the node's time stamps without a zone, as configured or learned
 * @param denials denied packets by load balancer
 * @param stopped packets that the blocklist stopped, by source
 * @param checkpoint how much of this is on disk
 */
public record IngestSnapshot(
        long takenAtMillis,
        long sinceMillis,
        boolean settled,
        String sourceKind,
        String sourcePath,
        TailSnapshot tail,
        Map<String, Long> lines,
        Map<String, Long> malformed,
        Map<String, Long> suppressed,
        boolean catchingUp,
        long timestampOffsetSeconds,
        DenialSnapshot denials,
        StoppedSources stopped,
        Checkpoint.Status checkpoint) {

    /** The same counts at a later time, because newer ones may not be shown yet. */
    IngestSnapshot unchanged(TailSnapshot tail, long nowMillis, Checkpoint.Status status) {
        return new IngestSnapshot(
                nowMillis,
                sinceMillis,
                settled,
                sourceKind,
                sourcePath,
                tail,
                lines,
                malformed,
                suppressed,
                catchingUp,
                timestampOffsetSeconds,
                denials,
                stopped,
                status);
    }
}
