package io.denywatch.tail;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a tail counts over all of its files. Confined to the ingest thread. */
final class TailCounts {
    final FramingCounts framing = new FramingCounts();
    long readBytes;
    long renamed;
    long truncated;

    private final Map<ReadFailure, Long> readErrors = new EnumMap<>(ReadFailure.class);
    private final Map<Gap, Long> gaps = new EnumMap<>(Gap.class);

    void readError(ReadFailure reason) {
        readErrors.merge(reason, 1L, Long::sum);
    }

    void gap(Gap reason) {
        gaps.merge(reason, 1L, Long::sum);
    }

    /** Grows with each new generation of the log. */
    long turns() {
        return renamed + truncated;
    }

    /** All reasons, those that never happened at 0. */
    Map<String, Long> readErrors() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (ReadFailure reason : ReadFailure.values()) {
            byLabel.put(reason.label(), readErrors.getOrDefault(reason, 0L));
        }
        return Collections.unmodifiableMap(byLabel);
    }

    /** All reasons, those that never happened at 0. */
    Map<String, Long> gaps() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (Gap reason : Gap.values()) {
            byLabel.put(reason.label(), gaps.getOrDefault(reason, 0L));
        }
        return Collections.unmodifiableMap(byLabel);
    }
}
