/** Tests of the command line from outside: arguments in, text, files and exit codes out. */
@NullMarked
package io.denywatch.command;

import org.jspecify.annotations.NullMarked;
