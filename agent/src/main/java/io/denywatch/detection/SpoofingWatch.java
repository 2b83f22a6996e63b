package io.denywatch.detection;

import io.denywatch.sketch.SeededHash;

/** Computes {@link SpoofingSigns} from new sources and detections. Confined to the ingest thread. */
final class SpoofingWatch {
    private final SourceActivity sources; // not owned
    private final RecentSources ofFewPackets;
    private final RecentSources detected;

    SpoofingWatch(SeededHash hash, SourceActivity sources) {
        this.sources = sources;
        ofFewPackets = new RecentSources(hash);
        detected = new RecentSources(hash);
    }

    /** Moves the clock forward to the second of a packet. */
    void moveOn(long second) {
        ofFewPackets.moveOn(second);
        detected.moveOn(second);
    }

    /** The newest second. */
    long newest() {
        return ofFewPackets.newest();
    }

    /** A source was admitted. */
    void first(int source, long second) {
        sources.fewSince(source, ofFewPackets.add(sources.high(source), sources.low(source), second));
    }

    /** Called before another packet of a known source is counted. */
    void next(int source) {
        if (sources.packets(source) == SpoofingSigns.FEW_PACKETS) {
            ofFewPackets.remove(sources.fewSince(source));
        }
    }

    /** A source reached a threshold. */
    void detected(int source) {
        long now = detected.newest();
        boolean counts = detected.remove(sources.detectedAt(source));
        if (counts) {
            detected.addAgain(now);
        }
        sources.detectedAt(source, counts ? now : detected.add(sources.high(source), sources.low(source), now));
    }

    SpoofingSigns signs() {
        return new SpoofingSigns(ofFewPackets.count(), detected.count(), newest());
    }
}
