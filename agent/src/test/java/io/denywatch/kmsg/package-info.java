@NullMarked
package io.denywatch.kmsg;

import org.jspecify.annotations.NullMarked;
