/**
 * {@code replay} and {@code parse}: count whole logs as the agent counts a live one, and test the blocklist's rules
 * against them.
 */
@NullMarked
package io.denywatch.replay;

import org.jspecify.annotations.NullMarked;
