/** Addresses and prefixes as 128 bits. */
@NullMarked
package io.denywatch.ip;

import org.jspecify.annotations.NullMarked;
