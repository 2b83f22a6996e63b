/** Reads lines from the kernel's own log. */
@NullMarked
package io.denywatch.kmsg;

import org.jspecify.annotations.NullMarked;
