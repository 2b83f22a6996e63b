@NullMarked
package io.denywatch.tail;

import org.jspecify.annotations.NullMarked;
