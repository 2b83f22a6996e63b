/** The blocklist as it is stored: sets of nets in Calico, one or more for each node and one for people. */
@NullMarked
package io.denywatch.cluster.sets;

import org.jspecify.annotations.NullMarked;
