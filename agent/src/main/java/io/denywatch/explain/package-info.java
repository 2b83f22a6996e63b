/** {@code blocklist list}, {@code explain}, {@code add} and {@code remove}. */
@NullMarked
package io.denywatch.explain;

import org.jspecify.annotations.NullMarked;
