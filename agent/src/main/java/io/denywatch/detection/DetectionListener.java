package io.denywatch.detection;

/** Is told of each offence at the packet that led to it. Called on the ingest thread; must not block. */
@FunctionalInterface
public interface DetectionListener {
    /** Is content with what is published. */
    DetectionListener NONE = _ -> {};

    /** A source reached a threshold. */
    void detection(Detection detection);
}
