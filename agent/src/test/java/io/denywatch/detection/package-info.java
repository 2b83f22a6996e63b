@NullMarked
package io.denywatch.detection;

import org.jspecify.annotations.NullMarked;
