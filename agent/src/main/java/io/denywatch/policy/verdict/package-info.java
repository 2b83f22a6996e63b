/**
 * Which packets Calico's policies log, and what becomes of them afterwards: sets of packets, chains of rules and
 * verdicts.
 */
@NullMarked
package io.denywatch.policy.verdict;

import org.jspecify.annotations.NullMarked;
