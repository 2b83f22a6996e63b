/** The command line: the class that knows all commands, and two commands whose packages do not depend on the command line. */
@NullMarked
package io.denywatch.command;

import org.jspecify.annotations.NullMarked;
