/** One log line to the fields of one packet. */
@NullMarked
package io.denywatch.packet;

import org.jspecify.annotations.NullMarked;
