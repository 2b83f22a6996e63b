/** Imported feeds: public or own lists of addresses that become part of the cluster's blocklist. */
@NullMarked
package io.denywatch.feed;

import org.jspecify.annotations.NullMarked;
