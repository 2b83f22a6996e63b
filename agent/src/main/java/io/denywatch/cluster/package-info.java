/** What is read from and written to the Kubernetes API. */
@NullMarked
package io.denywatch.cluster;

import org.jspecify.annotations.NullMarked;
