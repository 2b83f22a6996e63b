@NullMarked
package io.denywatch.ingest;

import org.jspecify.annotations.NullMarked;
