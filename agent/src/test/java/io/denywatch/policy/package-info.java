/** Tests of the policy room. */
@NullMarked
package io.denywatch.policy;

import org.jspecify.annotations.NullMarked;
