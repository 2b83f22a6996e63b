package io.denywatch.detection;

/** Receives each detection while its packet is processed. Called on the ingest thread; must not block. */
@FunctionalInterface
public interface DetectionListener {
    /** Ignores detections, for users that read the published ones. */
    DetectionListener NONE = _ -> {};

    /** A source reached a threshold. */
    void detection(Detection detection);
}
