/** The policies that {@code denywatch policies} prints and the chart installs. */
@NullMarked
package io.denywatch.policy.manifest;

import org.jspecify.annotations.NullMarked;
