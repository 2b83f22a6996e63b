package io.denywatch.ingest;

import io.denywatch.denial.DenialSnapshot;
import io.denywatch.tail.TailSnapshot;
import java.util.Map;

/**
 * All that the ingest thread knows, as of one moment. Immutable; published through one volatile field.
 *
 * @param takenAtMillis Unix time in milliseconds
 * @param sinceMillis Unix time in milliseconds at which counting began, be it in an earlier process
 * @param settled whether the counts are no less than any that were published before; else they are not to be shown
 * @param sourceKind {@code file} or {@code kmsg}; empty before one is opened
 * @param sourcePath of the log; empty before one is opened
 * @param tail what was read
 * @param lines how many lines there were of each result: packet, response, other, malformed, oversized
 * @param malformed lines by reason
 * @param suppressed lines that others reported as dropped, by whom
 * @param catchingUp whether what is read now was written more than the late threshold ago
 * @param timestampOffsetSeconds of the node's year-less time stamps from UTC, as configured or learned
 * @param denials who was denied where
 * @param checkpoint how durable all this is
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
        Checkpoint.Status checkpoint) {

    /** The same counts at a later time: what was counted since is not durable, or not all that was before. */
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
                status);
    }
}
