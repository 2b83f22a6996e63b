@NullMarked
package io.denywatch.config;

import org.jspecify.annotations.NullMarked;
