/** The daemon: assembles the parts that read, count, block and serve, and runs them on their own threads. */
@NullMarked
package io.denywatch.agent;

import org.jspecify.annotations.NullMarked;
