@NullMarked
package io.denywatch.blocklist;

import org.jspecify.annotations.NullMarked;
