/** Who was denied where, in fixed memory. */
@NullMarked
package io.denywatch.denial;

import org.jspecify.annotations.NullMarked;
