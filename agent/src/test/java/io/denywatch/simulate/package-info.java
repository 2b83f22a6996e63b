@NullMarked
package io.denywatch.simulate;

import org.jspecify.annotations.NullMarked;
