@NullMarked
package io.denywatch.policy.manifest;

import org.jspecify.annotations.NullMarked;
