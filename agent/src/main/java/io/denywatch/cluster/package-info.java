/**
 * What is read from and written to the Kubernetes API.
 *
 * <p>Tested against a real kube-apiserver with Calico's own definitions of its kinds. The following is not tested here,
 * because it needs Calico's aggregated API server: that it keeps labels, owner and annotations in one annotation of the
 * storage object, managed fields included, and what of 256 KiB that leaves (computed in {@code EntryText}); that it
 * reports another uid than the storage object has; its own checks of nets and labels; that it refuses a PUT without uid
 * or version; that it gives up on patches without saying so (none are sent); that its garbage collection follows owners
 * through this group; admission policies that it evaluates itself; and how requests fail while it restarts. Without a
 * data plane and a garbage collector, the tests do not show what Felix makes of a set, or that a set is deleted with
 * its node.
 */
@NullMarked
package io.denywatch.cluster;

import org.jspecify.annotations.NullMarked;
