/** Tests of what is delivered beside the program: rules, dashboards and runbooks say what the code says. */
@NullMarked
package io.denywatch.delivery;

import org.jspecify.annotations.NullMarked;
