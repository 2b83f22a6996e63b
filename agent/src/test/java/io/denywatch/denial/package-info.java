@NullMarked
package io.denywatch.denial;

import org.jspecify.annotations.NullMarked;
