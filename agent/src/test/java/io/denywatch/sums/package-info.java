@NullMarked
package io.denywatch.sums;

import org.jspecify.annotations.NullMarked;
