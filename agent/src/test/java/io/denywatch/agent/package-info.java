@NullMarked
package io.denywatch.agent;

import org.jspecify.annotations.NullMarked;
