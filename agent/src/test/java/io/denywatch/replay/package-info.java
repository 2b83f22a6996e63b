@NullMarked
package io.denywatch.replay;

import org.jspecify.annotations.NullMarked;
