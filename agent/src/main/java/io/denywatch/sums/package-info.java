/**
 * Rules with scope {@code cluster}: one elected agent collects what all agents counted, adds it up and decides. All
 * sums are lower bounds of what was denied.
 */
@NullMarked
package io.denywatch.sums;

import org.jspecify.annotations.NullMarked;
