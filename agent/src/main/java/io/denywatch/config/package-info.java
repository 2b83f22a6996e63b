/** Settings: the table of all settings, the readers, and the checked configuration. */
@NullMarked
package io.denywatch.config;

import org.jspecify.annotations.NullMarked;
