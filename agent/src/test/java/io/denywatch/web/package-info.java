@NullMarked
package io.denywatch.web;

import org.jspecify.annotations.NullMarked;
