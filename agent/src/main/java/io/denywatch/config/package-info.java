/** Settings: the table of all there are, how they are read, and the checked configuration. */
@NullMarked
package io.denywatch.config;

import org.jspecify.annotations.NullMarked;
