@NullMarked
package io.denywatch.explain;

import org.jspecify.annotations.NullMarked;
