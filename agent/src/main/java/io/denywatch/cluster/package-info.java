/**
 * What is read from and written to the Kubernetes API.
 *
 * <p>The tests use a real kube-apiserver with Calico's CRDs, but have neither Calico's aggregated API server nor a
 * data plane nor a garbage collector. They therefore do not show:
 *
 * <ul>
 *   <li>that Calico's API server keeps labels, owners and annotations in one annotation of the storage object, with the
 *       managed fields, and how much of the limit of 256 KiB that leaves ({@code EntryText} computes it);
 *   <li>that it reports a uid other than that of the storage object;
 *   <li>how it checks nets and labels;
 *   <li>that it refuses a PUT without uid or version;
 *   <li>that it reports success for patches that it gave up on (none are sent);
 *   <li>that an object of its group is deleted together with the object's owner;
 *   <li>the admission policies that it evaluates itself;
 *   <li>how requests fail while it restarts;
 *   <li>what Felix makes of a set;
 *   <li>that a set is deleted with its node.
 * </ul>
 */
@NullMarked
package io.denywatch.cluster;

import org.jspecify.annotations.NullMarked;
