package io.denywatch.detection;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A snapshot of the sources with established connections. Immutable. The ingest thread only copies arrays; the reader
 * filters and sorts.
 */
public final class EstablishedSources {
    /** How long an established response exempts its source. */
    public static final Duration VALID_FOR = Duration.ofHours(1);

    /** No source has an established connection. */
    public static final EstablishedSources NONE = new EstablishedSources(
            AggregationPrefix.atLeast(AggregationPrefix.IPV6_LENGTH_MIN), new long[0], new long[0], new long[0], 0);

    private final AggregationPrefix mask;
    private final long[] highs;
    private final long[] lows;
    private final long[] micros;
    private final long forgotten;

    /** @param forgotten as in {@link #forgotten}; the arrays have the same length and are owned from now on */
    EstablishedSources(AggregationPrefix mask, long[] highs, long[] lows, long[] micros, long forgotten) {
        this.mask = mask;
        this.highs = highs;
        this.lows = lows;
        this.micros = micros;
        this.forgotten = forgotten;
    }

    /**
     * The sources whose latest established response is less than {@link #VALID_FOR} older than this time, or newer; the
     * latest first.
     */
    public List<EstablishedSource> validAt(Instant now) {
        Instant after = now.minus(VALID_FOR);
        return IntStream.range(0, micros.length)
                .mapToObj(i -> new EstablishedSource(
                        mask.prefix(highs[i], lows[i]), Instant.EPOCH.plus(micros[i], ChronoUnit.MICROS)))
                .filter(answer -> answer.at().isAfter(after))
                .sorted(Comparator.comparing(EstablishedSource::at).reversed())
                .toList();
    }

    /** Sources dropped since start, because of lack of room, while they were still exempt. */
    public long forgotten() {
        return forgotten;
    }
}
