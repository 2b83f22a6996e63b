package io.denywatch.replay;

import io.denywatch.api.TrafficDocument.FeedMatch;
import io.denywatch.api.TrafficDocument.MatchedSource;
import io.denywatch.count.Count;
import io.denywatch.denial.ObservedPacket;
import io.denywatch.detection.PacketObserver;
import io.denywatch.feed.NetSet;
import io.denywatch.ip.Ip;
import io.denywatch.process.Columns;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Counts the packets of a recorded log whose sources are in a list, and notes which of these sources were let in: the
 * log contains an established response to them. Further sources than {@link #SOURCES_MAX} are only counted by their
 * packets. Confined to the replaying thread.
 */
final class FeedMatches implements PacketObserver {
    /** Maximum number of sources that are counted separately. */
    static final int SOURCES_MAX = 100_000;

    /** Maximum number of sources in the document. */
    static final int TOP_MAX = 1_000;

    private static final int ROWS_MAX = 20;
    private static final int SOURCES_INITIAL = 64;

    private final NetSet nets;
    private final PacketObserver next;
    private final SeededHash hash;
    private final KeyIndex keys;
    private long[] packets = new long[SOURCES_INITIAL];
    private long[] established = new long[SOURCES_INITIAL];
    private long allPackets;
    private long matchedPackets;

    /**
     * Starts with empty counts.
     *
     * @param seed of the tables' hash
     * @param next receives everything, too
     */
    FeedMatches(NetSet nets, long seed, PacketObserver next) {
        this.nets = nets;
        this.next = next;
        hash = new SeededHash(seed);
        keys = new KeyIndex(hash, SOURCES_INITIAL);
    }

    @Override
    public void packet(ObservedPacket packet) {
        next.packet(packet);
        allPackets = Count.sum(allPackets, 1);
        long high = packet.sourceHigh();
        long low = packet.sourceLow();
        if (nets.contains(high, low)) {
            matchedPackets = Count.sum(matchedPackets, 1);
            int source = source(high, low);
            if (source != KeyIndex.NONE) {
                packets[source] = Count.sum(packets[source], 1);
            }
        }
    }

    @Override
    public void established(long clientHigh, long clientLow, long micros) {
        next.established(clientHigh, clientLow, micros);
        if (nets.contains(clientHigh, clientLow)) {
            int source = source(clientHigh, clientLow);
            if (source != KeyIndex.NONE) {
                established[source] = Count.sum(established[source], 1);
            }
        }
    }

    @Override
    public void publish() {
        next.publish();
    }

    private int source(long high, long low) {
        long key = hash.of(high, low);
        int number = keys.find(high, low, key);
        if (number != KeyIndex.NONE || keys.size() == SOURCES_MAX) {
            return number;
        }
        if (keys.size() == keys.capacity()) {
            int capacity = Math.min(2 * keys.capacity(), SOURCES_MAX);
            keys.grow(capacity);
            packets = Arrays.copyOf(packets, capacity);
            established = Arrays.copyOf(established, capacity);
        }
        return keys.append(high, low, key);
    }

    /** The sources that matched: those that were let in first, then by descending packets. */
    FeedMatch result() {
        List<MatchedSource> sources = new ArrayList<>();
        for (int number = 0; number < keys.size(); number++) {
            sources.add(new MatchedSource(
                    new Ip(keys.high(number), keys.low(number)).toString(), packets[number], established[number]));
        }
        sources.sort(Comparator.comparing((MatchedSource source) -> source.established() == 0)
                .thenComparing(Comparator.comparingLong(MatchedSource::packets).reversed())
                .thenComparing(MatchedSource::source));
        return new FeedMatch(
                nets.nets().size(),
                keys.size(),
                sources.stream().filter(source -> source.established() > 0).count(),
                matchedPackets,
                allPackets,
                sources.stream().limit(TOP_MAX).toList());
    }

    /** The result as text. */
    static String text(FeedMatch match) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%nfeed: its %,d nets contain %,d sources of the log, which sent %,d of %,d packets; %,d of these sources"
                        + " were let in%n",
                match.nets(),
                match.sources(),
                match.packets(),
                match.allPackets(),
                match.letIn()));
        if (match.sources() > 0) {
            text.append(Columns.of(
                    List.of("SOURCE", "PACKETS", "ESTABLISHED"),
                    match.topSources().stream()
                            .limit(ROWS_MAX)
                            .map(source -> List.of(
                                    source.source(),
                                    Long.toString(source.packets()),
                                    Long.toString(source.established())))
                            .toList()));
        }
        if (match.sources() > ROWS_MAX) {
            text.append(String.format(Locale.ROOT, "and %,d more%n", match.sources() - ROWS_MAX));
        }
        return text.toString();
    }
}
