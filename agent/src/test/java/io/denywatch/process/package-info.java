/** Tests of the process package. */
@NullMarked
package io.denywatch.process;

import org.jspecify.annotations.NullMarked;
