/** Calico's policies and the objects that they select, as Felix reads them. */
@NullMarked
package io.denywatch.policy;

import org.jspecify.annotations.NullMarked;
