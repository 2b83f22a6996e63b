@NullMarked
package io.denywatch.api;

import org.jspecify.annotations.NullMarked;
