/** The denywatch agent: denied packets from a node's log to Prometheus. */
@NullMarked
package io.denywatch;

import org.jspecify.annotations.NullMarked;
