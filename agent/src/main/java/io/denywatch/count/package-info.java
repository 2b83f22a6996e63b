/** Counters, and how they are added and saved. */
@NullMarked
package io.denywatch.count;

import org.jspecify.annotations.NullMarked;
