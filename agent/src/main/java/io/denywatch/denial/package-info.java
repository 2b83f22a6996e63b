/** Counts denied packets by load balancer, port and source, in bounded memory. */
@NullMarked
package io.denywatch.denial;

import org.jspecify.annotations.NullMarked;
