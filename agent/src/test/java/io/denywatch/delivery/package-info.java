/** What installs denywatch, tested against the code that it installs. */
@NullMarked
package io.denywatch.delivery;

import org.jspecify.annotations.NullMarked;
