/** Tests of the top room. */
@NullMarked
package io.denywatch.top;

import org.jspecify.annotations.NullMarked;
