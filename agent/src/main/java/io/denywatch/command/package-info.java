/** The command line: the one class that knows all commands, and thin commands of packages that stay free of it. */
@NullMarked
package io.denywatch.command;

import org.jspecify.annotations.NullMarked;
