@NullMarked
package io.denywatch.cluster;

import org.jspecify.annotations.NullMarked;
