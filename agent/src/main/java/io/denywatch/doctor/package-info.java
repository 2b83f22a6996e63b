/** What is wrong with a node or a cluster, as far as denywatch depends on it, and what to do about it. */
@NullMarked
package io.denywatch.doctor;

import org.jspecify.annotations.NullMarked;
