/** Files as an endless stream of whole lines, through rotation and restart. */
@NullMarked
package io.denywatch.tail;

import org.jspecify.annotations.NullMarked;
