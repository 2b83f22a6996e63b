/** {@code top}: reads the documents of agents over HTTP, merges them, and lays them out for a terminal. */
@NullMarked
package io.denywatch.top;

import org.jspecify.annotations.NullMarked;
