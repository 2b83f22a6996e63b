@NullMarked
package io.denywatch.policy.verdict;

import org.jspecify.annotations.NullMarked;
