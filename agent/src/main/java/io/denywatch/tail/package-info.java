/** A path as an endless stream of whole lines, through rotation and truncation. */
@NullMarked
package io.denywatch.tail;

import org.jspecify.annotations.NullMarked;
