/** What a cluster contains, as far as doctor and the exemptions need it. */
@NullMarked
package io.denywatch.cluster.survey;

import org.jspecify.annotations.NullMarked;
