/** The process as commands see it: arguments, environment, streams, stop signal, failures; and text for people. */
@NullMarked
package io.denywatch.process;

import org.jspecify.annotations.NullMarked;
