package io.denywatch.ingest;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counters with fixed names, by which they are saved. Confined to the thread that counts. */
final class LabelledCounts {
    private static final int LABELS_MAX = 256; // in a saved state

    private final List<String> labels;
    private final long[] counts;

    LabelledCounts(List<String> labels) {
        this.labels = labels;
        counts = new long[labels.size()];
    }

    void add(int of, long more) {
        counts[of] = Count.sum(counts[of], more);
    }

    long get(int of) {
        return counts[of];
    }

    long sum() {
        long sum = 0;
        for (long count : counts) {
            sum = Count.sum(sum, count);
        }
        return sum;
    }

    Map<String, Long> byLabel() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (int i = 0; i < counts.length; i++) {
            byLabel.put(labels.get(i), counts[i]);
        }
        return byLabel;
    }

    void save(DataOutput out) throws IOException {
        out.writeInt(counts.length);
        for (int i = 0; i < counts.length; i++) {
            out.writeUTF(labels.get(i));
            out.writeLong(counts[i]);
        }
    }

    /** Takes on what was saved; names that are not known here are skipped. */
    void restore(CheckedInput state) throws IOException {
        int saved = state.size("number of line counts", LABELS_MAX);
        for (int i = 0; i < saved; i++) {
            String name = state.label();
            long count = state.count("lines counted as " + name);
            int known = labels.indexOf(name);
            if (known >= 0) {
                counts[known] = count;
            }
        }
    }
}
