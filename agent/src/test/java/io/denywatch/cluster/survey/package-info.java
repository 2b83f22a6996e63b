@NullMarked
package io.denywatch.cluster.survey;

import org.jspecify.annotations.NullMarked;
