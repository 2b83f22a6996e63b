@NullMarked
package io.denywatch.feed;

import org.jspecify.annotations.NullMarked;
