/** The kernel's own log as a source of lines. */
@NullMarked
package io.denywatch.kmsg;

import org.jspecify.annotations.NullMarked;
