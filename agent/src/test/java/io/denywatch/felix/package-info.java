/**
 * A second reader of Calico's objects, written from Calico's sources alone: it decodes, validates and evaluates them as
 * Felix does, packet by packet, and shares nothing with the product.
 */
@NullMarked
package io.denywatch.felix;

import org.jspecify.annotations.NullMarked;
