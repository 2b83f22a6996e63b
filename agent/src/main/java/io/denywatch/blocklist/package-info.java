/** Which sources to block and until when: pure rules, and the slow loop that keeps the stored blocklist as wanted. */
@NullMarked
package io.denywatch.blocklist;

import org.jspecify.annotations.NullMarked;
