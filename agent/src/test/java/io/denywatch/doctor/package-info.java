@NullMarked
package io.denywatch.doctor;

import org.jspecify.annotations.NullMarked;
