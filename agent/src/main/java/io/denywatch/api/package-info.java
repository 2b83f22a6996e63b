/** JSON of the HTTP API and of {@code --output json}. */
@NullMarked
package io.denywatch.api;

import org.jspecify.annotations.NullMarked;
