/** What Calico's policies do with a packet that one of their {@code Log} rules has logged. */
@NullMarked
package io.denywatch.policy;

import org.jspecify.annotations.NullMarked;
