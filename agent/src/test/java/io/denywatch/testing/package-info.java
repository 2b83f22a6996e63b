/** What the tests of several rooms share. */
@NullMarked
package io.denywatch.testing;

import org.jspecify.annotations.NullMarked;
