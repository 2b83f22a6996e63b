/**
 * What is read from and written to the Kubernetes API.
 *
 * <p>The tests use a real kube-apiserver with Calico's own definitions of its kinds, but neither Calico's aggregated API
 * server nor a data plane nor a garbage collector. They therefore do not show:
 *
 * <ul>
 *   <li>that Calico's API server keeps labels, owners and annotations in one annotation of the storage object, with the
 *       managed fields, and how much of 256 KiB remains ({@code EntryText} computes it);
 *   <li>that it reports another uid than that of the storage object;
 *   <li>how it checks nets and labels;
 *   <li>that it refuses a PUT without uid or version;
 *   <li>that it reports success for patches that it gave up on (none are sent);
 *   <li>that owners are followed through this group when objects are deleted;
 *   <li>the admission policies that it evaluates itself;
 *   <li>how requests fail while it restarts;
 *   <li>what Felix makes of a set;
 *   <li>that a set is deleted with its node.
 * </ul>
 */
@NullMarked
package io.denywatch.cluster;

import org.jspecify.annotations.NullMarked;
