package io.denywatch.detection;

/** Receives each detection while its packet is processed. Called on the ingest thread; must not block. */
@FunctionalInterface
public interface DetectionListener {
    /** Ignores detections; callers read the published ones instead. */
    DetectionListener NONE = _ -> {};

    /** A source reached a threshold. */
    void detection(Detection detection);
}
