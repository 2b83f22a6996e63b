/**
 * Rules, and the sources that reach their thresholds. The ingest thread runs it for each packet: nothing here
 * allocates per line.
 */
@NullMarked
package io.denywatch.detection;

import org.jspecify.annotations.NullMarked;
