package io.denywatch.detection;

import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * The table of sources, numbered from 0, and its eviction policy. Confined to the ingest thread.
 *
 * <p>A source that has been idle for as long as the longest window of the rules is evicted first. Otherwise, sources of
 * at most {@link SpoofingSigns#FEW_PACKETS} packets and sources of more packets are evicted separately, so that neither
 * group crowds out the other. In each group, the source that has been silent for longest is evicted; twice as many
 * packets make up for one second of silence. A single burst is cheap for an attacker; continued traffic is not.
 * Candidates are taken in strides around the table, so that every source has its turn and sources that arrived together
 * are not compared with each other.
 */
final class SourceActivity {
    /** A key and six numbers. */
    static final int BYTES_PER_SOURCE = KeyIndex.BYTES_PER_KEY + 6 * Integer.BYTES;

    /** The most sources of few packets that are compared. */
    static final int CANDIDATES = 16;

    /** The most sources of more packets that are compared. */
    static final int CANDIDATES_OF_MORE = 64;

    private static final int SOURCES_INITIAL = 64;
    private static final int STRIDE = 0x9e37_79b1; // odd: visits each of 2^n numbers once in 2^n steps
    private static final int MINUTE_BITS = 6;

    private final SeededHash hash;
    private final int sourcesMax;
    private final int fewMax;
    private final KeyIndex keys;
    private int[] packets; // since it was admitted, at most 2^31-1
    private int[] latestSeconds; // unsigned
    private int[] thisMinute; // packets in the 64-second period, counted from 1970, that contains its newest second
    private int[] lastMinute; // packets in the period before
    private int[] fewSince; // the second at which it counts in RecentSources, unsigned
    private int[] detectedAt; // the same for detections
    private int fewSources;
    private int hand;

    /**
     * @param sourcesMax a power of two
     * @param fewMax while there are more sources of few packets than this, one of them is evicted; otherwise, a source
     *     of more packets
     */
    SourceActivity(SeededHash hash, int sourcesMax, int fewMax) {
        if (Integer.bitCount(sourcesMax) != 1) {
            throw new IllegalArgumentException("sourcesMax must be a power of two: " + sourcesMax);
        }
        this.hash = hash;
        this.sourcesMax = sourcesMax;
        this.fewMax = fewMax;
        int capacity = Math.min(SOURCES_INITIAL, sourcesMax);
        keys = new KeyIndex(hash, capacity);
        packets = new int[capacity];
        latestSeconds = new int[capacity];
        thisMinute = new int[capacity];
        lastMinute = new int[capacity];
        fewSince = new int[capacity];
        detectedAt = new int[capacity];
    }

    int capacity() {
        return keys.capacity();
    }

    /** How many sources there are; their numbers are below. */
    int size() {
        return keys.size();
    }

    /** Whether the next source that is appended makes the table grow. */
    boolean isAtCapacity() {
        return keys.size() == keys.capacity();
    }

    /** Whether the next source must take the place of another. */
    boolean isFull() {
        return keys.size() == sourcesMax;
    }

    long high(int source) {
        return keys.high(source);
    }

    long low(int source) {
        return keys.low(source);
    }

    /** Packets of a source since it was admitted. */
    int packets(int source) {
        return packets[source];
    }

    /** Packets of a source in the 64-second period of its newest packet and in the period before. */
    int recentPackets(int source) {
        return thisMinute[source] + lastMinute[source];
    }

    /** The newest second in which a source sent a packet. */
    long latestSecond(int source) {
        return Integer.toUnsignedLong(latestSeconds[source]);
    }

    /** The second at which a source counts among those of few packets, or 0. */
    long fewSince(int source) {
        return Integer.toUnsignedLong(fewSince[source]);
    }

    void fewSince(int source, long second) {
        fewSince[source] = (int) second;
    }

    /** The second at which a source counts among those detected, or 0. */
    long detectedAt(int source) {
        return Integer.toUnsignedLong(detectedAt[source]);
    }

    void detectedAt(int source, long second) {
        detectedAt[source] = (int) second;
    }

    /** The number of a source, or {@link KeyIndex#NONE}. */
    int find(long high, long low) {
        return keys.find(high, low, hash.of(high, low));
    }

    void grow() {
        int capacity = 2 * keys.capacity();
        keys.grow(capacity);
        packets = Arrays.copyOf(packets, capacity);
        latestSeconds = Arrays.copyOf(latestSeconds, capacity);
        thisMinute = Arrays.copyOf(thisMinute, capacity);
        lastMinute = Arrays.copyOf(lastMinute, capacity);
        fewSince = Arrays.copyOf(fewSince, capacity);
        detectedAt = Arrays.copyOf(detectedAt, capacity);
    }

    /** Admits a source with its first packet; there must be room. */
    int append(long high, long low, long second) {
        int source = keys.append(high, low, hash.of(high, low));
        begin(source, second);
        return source;
    }

    /** Puts another source, with its first packet, in place of one that {@link #leastWorth} chose. */
    void replace(int source, long high, long low, long second) {
        fewSources -= isFew(source) ? 1 : 0;
        keys.replace(source, high, low, hash.of(high, low));
        begin(source, second);
    }

    private void begin(int source, long second) {
        packets[source] = 1;
        latestSeconds[source] = (int) second;
        thisMinute[source] = 1;
        lastMinute[source] = 0;
        fewSince[source] = 0;
        detectedAt[source] = 0;
        fewSources++;
    }

    /**
     * Counts a packet of a source that is in the table.
     *
     * @param restart whether the clock was set back, so that recent counts are void
     */
    void count(int source, long second, boolean restart) {
        int before = packets[source];
        fewSources -= before == SpoofingSigns.FEW_PACKETS ? 1 : 0;
        packets[source] = Math.max(before, before + 1); // stops at the maximum instead of overflowing
        long minutes = (second >>> MINUTE_BITS) - (latestSecond(source) >>> MINUTE_BITS);
        if (minutes > 0 || restart) {
            lastMinute[source] = minutes == 1 ? thisMinute[source] : 0;
            thisMinute[source] = 0;
        }
        thisMinute[source]++;
        if (restart || second > latestSecond(source)) {
            latestSeconds[source] = (int) second;
        }
    }

    private boolean isFew(int source) {
        return packets[source] <= SpoofingSigns.FEW_PACKETS;
    }

    /**
     * Chooses a source to evict.
     *
     * @param idleUpTo a source whose latest second is this or earlier is idle
     * @param eligible which sources may be chosen; the result is {@link KeyIndex#NONE} only if none may
     */
    int leastWorth(long idleUpTo, IntPredicate eligible) {
        boolean few = fewSources > fewMax;
        int least = least(idleUpTo, eligible, few);
        return least == KeyIndex.NONE ? least(idleUpTo, eligible, !few) : least;
    }

    private int least(long idleUpTo, IntPredicate eligible, boolean few) {
        int least = KeyIndex.NONE;
        int candidates = 0;
        int candidatesMax = few ? CANDIDATES : CANDIDATES_OF_MORE;
        int capacity = keys.capacity();
        for (int looked = 0; looked < capacity && candidates < candidatesMax; looked++) {
            hand = hand + STRIDE & capacity - 1;
            if (hand >= keys.size() || !eligible.test(hand)) {
                continue;
            }
            if (latestSecond(hand) <= idleUpTo) {
                return hand;
            }
            if (isFew(hand) == few) {
                candidates++;
                least = least == KeyIndex.NONE || isWorthLess(hand, least) ? hand : least;
            }
        }
        return least;
    }

    private boolean isWorthLess(int source, int than) {
        long one = worth(source);
        long other = worth(than);
        return one != other ? one < other : packets[source] < packets[than];
    }

    /** The second of its newest packet, plus one for each doubling of its packets. */
    private long worth(int source) {
        return latestSecond(source) + Integer.SIZE - Integer.numberOfLeadingZeros(packets[source]);
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return keys.bytes() + (long) (BYTES_PER_SOURCE - KeyIndex.BYTES_PER_KEY) * packets.length;
    }
}
