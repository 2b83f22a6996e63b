/** Data structures of bounded size: top sources, distinct sources, an index of keys, seeded hashes. */
@NullMarked
package io.denywatch.sketch;

import org.jspecify.annotations.NullMarked;
