/** The command line: the class that knows all commands, and the commands {@code doctor} and {@code policies}. */
@NullMarked
package io.denywatch.command;

import org.jspecify.annotations.NullMarked;
