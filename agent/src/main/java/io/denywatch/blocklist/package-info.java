/** What becomes of detections: decisions, exemptions, and the loop that keeps the stored blocklist as wanted. */
@NullMarked
package io.denywatch.blocklist;

import org.jspecify.annotations.NullMarked;
