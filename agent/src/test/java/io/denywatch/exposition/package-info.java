@NullMarked
package io.denywatch.exposition;

import org.jspecify.annotations.NullMarked;
