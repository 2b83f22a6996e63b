/**
 * What is read from and written to the Kubernetes API.
 *
 * <p>Tested against a real kube-apiserver with Calico's own definitions of its kinds. Not tested here, for only Calico's
 * aggregated API server would show it, and that can't be had as a definition: that it keeps labels, owner and annotations
 * in one annotation of the object behind it, managed fields included, and what of 256 KiB that leaves (computed in
 * {@code EntryText}); that it gives another uid than the object behind it has; its own checks of nets and labels; that it
 * refuses a PUT without uid or version; that it gives up on patches without saying so (none are sent); that its garbage
 * collection follows owners through this group; admission policies that it evaluates itself; and how requests fail while it
 * restarts. Nor is it shown here what Felix makes of a set, for there is no data plane, or that a set goes with its node,
 * for there is no garbage collector.
 */
@NullMarked
package io.denywatch.cluster;

import org.jspecify.annotations.NullMarked;
