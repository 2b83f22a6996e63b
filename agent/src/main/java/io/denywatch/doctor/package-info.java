/** Checks of a node and a cluster: what is wrong for denywatch, and what to do. */
@NullMarked
package io.denywatch.doctor;

import org.jspecify.annotations.NullMarked;
