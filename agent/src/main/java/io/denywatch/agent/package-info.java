/** The daemon: wires what it reads, counts, blocks and serves, and runs it on threads of its own. */
@NullMarked
package io.denywatch.agent;

import org.jspecify.annotations.NullMarked;
