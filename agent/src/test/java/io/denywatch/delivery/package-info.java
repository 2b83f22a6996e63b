/** What is delivered beside the program, tested against the code that it is for. */
@NullMarked
package io.denywatch.delivery;

import org.jspecify.annotations.NullMarked;
