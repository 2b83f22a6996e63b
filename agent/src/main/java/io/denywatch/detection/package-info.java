/**
 * Rules, and the sources that reach their thresholds. The ingest thread runs this code for each packet, so nothing here
 * allocates per line.
 */
@NullMarked
package io.denywatch.detection;

import org.jspecify.annotations.NullMarked;
