@NullMarked
package io.denywatch.sketch;

import org.jspecify.annotations.NullMarked;
