/** The hot loop: tail, parse, count, publish. */
@NullMarked
package io.denywatch.ingest;

import org.jspecify.annotations.NullMarked;
