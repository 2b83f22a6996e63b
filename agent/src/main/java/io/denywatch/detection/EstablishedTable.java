package io.denywatch.detection;

import io.denywatch.count.Count;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.util.Arrays;

/**
 * The latest established response of each source, looked up for each packet without allocating. Confined to the ingest
 * thread, except for the snapshots it returns.
 *
 * <p>Holds at most {@link #SOURCES_MAX} sources of 32 bytes each, 128 KiB in total. A full table drops the source with
 * the oldest response, which may be the new one; {@link EstablishedSources#forgotten} counts the dropped sources that
 * were still exempt. The table starts small and doubles as it fills.
 */
public final class EstablishedTable {
    /** The most sources held. */
    static final int SOURCES_MAX = 4_096;

    /** A key and a time. */
    static final int BYTES_PER_SOURCE = KeyIndex.BYTES_PER_KEY + Long.BYTES;

    private static final int SOURCES_INITIAL = 64;
    private static final long VALID_MICROS = EstablishedSources.VALID_FOR.toNanos() / 1_000;

    private final SeededHash hash;
    private final AggregationPrefix mask;
    private final KeyIndex keys;
    private long[] establishedMicros = new long[SOURCES_INITIAL];
    private long newestMicros;
    private long forgotten;

    private EstablishedSources snapshot = EstablishedSources.NONE;
    private boolean changed;
    private boolean believed = true;

    public EstablishedTable(SeededHash hash, AggregationPrefix mask) {
        this.hash = hash;
        this.mask = mask;
        keys = new KeyIndex(hash, SOURCES_INITIAL);
    }

    /**
     * Sets whether an established response exempts its source, which is the default. If not, responses are only
     * recorded.
     */
    void believe(boolean established) {
        believed = established;
    }

    /**
     * Records an established response.
     *
     * @param low masked already
     * @param micros event time; ignored if older than the known one
     */
    public void add(long high, long low, long micros) {
        long key = hash.of(high, low);
        int source = keys.find(high, low, key);
        if (source != KeyIndex.NONE) {
            changed |= micros > establishedMicros[source];
            establishedMicros[source] = Math.max(establishedMicros[source], micros);
        } else {
            source = admit(high, low, key, micros);
            if (source == KeyIndex.NONE) {
                return;
            }
            establishedMicros[source] = micros;
            changed = true;
        }
        newestMicros = Math.max(newestMicros, micros);
    }

    /** The number of a new source, or {@link KeyIndex#NONE} if the table is full of newer ones. */
    private int admit(long high, long low, long key, long micros) {
        if (keys.size() < SOURCES_MAX) {
            if (keys.size() == keys.capacity()) {
                keys.grow(2 * keys.capacity());
                establishedMicros = Arrays.copyOf(establishedMicros, keys.capacity());
            }
            return keys.append(high, low, key);
        }
        int first = 0;
        for (int source = 1; source < SOURCES_MAX; source++) {
            first = establishedMicros[source] < establishedMicros[first] ? source : first;
        }
        boolean isLast = micros <= establishedMicros[first];
        if ((isLast ? micros : establishedMicros[first]) > newestMicros - VALID_MICROS) {
            forgotten = Count.sum(forgotten, 1);
            changed = true;
        }
        if (isLast) {
            return KeyIndex.NONE;
        }
        keys.replace(first, high, low, key);
        return first;
    }

    /**
     * Whether a source is exempt at this time: its latest established response is less than
     * {@link EstablishedSources#VALID_FOR} older, or newer. Packets may arrive out of order; and if the clock was set
     * back, it is safer to exempt a source for too long than not to exempt it.
     *
     * @param low masked already
     */
    boolean isExempt(long high, long low, long micros) {
        int source = believed ? keys.find(high, low, hash.of(high, low)) : KeyIndex.NONE;
        return source != KeyIndex.NONE && establishedMicros[source] > micros - VALID_MICROS;
    }

    /** A snapshot of all sources, 24 bytes each; the same object while nothing changes. */
    public EstablishedSources snapshot() {
        if (changed) {
            changed = false;
            int size = keys.size();
            long[] highs = new long[size];
            long[] lows = new long[size];
            for (int source = 0; source < size; source++) {
                highs[source] = keys.high(source);
                lows[source] = keys.low(source);
            }
            snapshot = new EstablishedSources(mask, highs, lows, Arrays.copyOf(establishedMicros, size), forgotten);
        }
        return snapshot;
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return keys.bytes() + (long) Long.BYTES * establishedMicros.length;
    }
}
