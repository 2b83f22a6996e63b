/** {@code top}: what agents say over HTTP, added up and laid out for a terminal. */
@NullMarked
package io.denywatch.top;

import org.jspecify.annotations.NullMarked;
