package io.denywatch.exposition;

import java.net.InetSocketAddress;

/** Stub until its room is merged: delete. */
public record ExpositionSettings(
        InetSocketAddress listen, String version, String revision, String sourceKind, String sourcePath) {}
