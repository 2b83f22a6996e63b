/** {@code simulate}: log lines for demos, dashboards and load, with the exact counts of what was written. */
@NullMarked
package io.denywatch.simulate;

import org.jspecify.annotations.NullMarked;
