package io.denywatch.count;

import java.io.DataOutput;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A counter for each constant of an enum. Confined to the thread that counts. Counters are saved by label, because
 * releases may have different constants.
 */
public final class EnumCounts<E extends Enum<E>> {
    private final String what;
    private final List<String> labels; // by ordinal
    private final long[] counts;

    /**
     * Creates counters at 0.
     *
     * @param what is counted, in words that are followed by a label
     * @param constants all constants of the enum
     */
    public EnumCounts(String what, E[] constants, Function<E, String> label) {
        this.what = what;
        labels = Stream.of(constants).map(label).toList();
        counts = new long[constants.length];
    }

    /** Increases a count. */
    public void add(E of, long more) {
        counts[of.ordinal()] = Count.sum(counts[of.ordinal()], more);
    }

    /** Replaces a count. */
    public void set(E of, long count) {
        counts[of.ordinal()] = count;
    }

    /** One of the counts. */
    public long get(E of) {
        return counts[of.ordinal()];
    }

    /** The number of counts. */
    public int size() {
        return counts.length;
    }

    /** The sum of all counts. */
    public long sum() {
        long sum = 0;
        for (long count : counts) {
            sum = Count.sum(sum, count);
        }
        return sum;
    }

    /** All counts, including those at 0, in the order of the enum. */
    public Map<String, Long> byLabel() {
        Map<String, Long> byLabel = new LinkedHashMap<>();
        for (int i = 0; i < counts.length; i++) {
            byLabel.put(labels.get(i), counts[i]);
        }
        return Collections.unmodifiableMap(byLabel);
    }

    /** Writes all counts. The caller writes their number. */
    public void save(DataOutput out) throws IOException {
        for (int i = 0; i < counts.length; i++) {
            out.writeUTF(labels.get(i));
            out.writeLong(counts[i]);
        }
    }

    /** Restores this many saved counts. Unknown labels are skipped. */
    public void restore(CheckedInput in, int saved) throws IOException {
        for (int i = 0; i < saved; i++) {
            String label = in.label();
            long count = in.count(what + " " + label);
            int known = labels.indexOf(label);
            if (known >= 0) {
                counts[known] = count;
            }
        }
    }
}
