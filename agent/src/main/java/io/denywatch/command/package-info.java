/** The subcommands, the configuration and the wiring. */
@NullMarked
package io.denywatch.command;

import org.jspecify.annotations.NullMarked;
