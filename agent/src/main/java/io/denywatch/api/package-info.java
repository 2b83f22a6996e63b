/**
 * The documents of the HTTP API and of {@code --output json}: one record for each, which all writers and readers share,
 * and the paths at which agents serve them.
 */
@NullMarked
package io.denywatch.api;

import org.jspecify.annotations.NullMarked;
