/**
 * {@code replay} and {@code parse}: whole logs, counted as the agent counts a live one, and a backtest of the
 * blocklist's rules.
 */
@NullMarked
package io.denywatch.replay;

import org.jspecify.annotations.NullMarked;
