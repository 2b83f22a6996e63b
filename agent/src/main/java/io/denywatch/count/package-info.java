/** How everything that is counted is added up. */
@NullMarked
package io.denywatch.count;

import org.jspecify.annotations.NullMarked;
