@NullMarked
package io.denywatch.cluster.sets;

import org.jspecify.annotations.NullMarked;
