package io.denywatch.ingest;

import io.denywatch.denial.DenialSnapshot;
import io.denywatch.tail.TailSnapshot;
import java.util.Map;

/**
 * All that the ingest thread knows, as of one moment. Immutable; published through one volatile field.
 *
 * @param takenAtMillis Unix time in milliseconds
 * @param startedAtMillis Unix time in milliseconds at which counting began
 * @param tail what was read
 * @param lines how many lines there were of each result: packet, response, other, malformed, oversized
 * @param malformed lines by reason
 * @param suppressed lines that others reported as dropped, by whom
 * @param catchingUp whether what is read now was written more than the late threshold ago
 * @param timestampOffsetSeconds of the node's year-less time stamps from UTC, as configured or learned
 * @param denials who was denied where
 */
public record IngestSnapshot(
        long takenAtMillis,
        long startedAtMillis,
        TailSnapshot tail,
        Map<String, Long> lines,
        Map<String, Long> malformed,
        Map<String, Long> suppressed,
        boolean catchingUp,
        long timestampOffsetSeconds,
        DenialSnapshot denials) {}
