/** Snapshots as Prometheus text and JSON over HTTP. */
@NullMarked
package io.denywatch.exposition;

import org.jspecify.annotations.NullMarked;
