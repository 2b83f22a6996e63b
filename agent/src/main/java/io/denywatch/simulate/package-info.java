/** {@code simulate}: writes log lines for demos, dashboards and load tests, with exact counts of what was written. */
@NullMarked
package io.denywatch.simulate;

import org.jspecify.annotations.NullMarked;
