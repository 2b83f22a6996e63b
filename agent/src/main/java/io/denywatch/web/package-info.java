/** The web configuration file of Prometheus' exporter-toolkit: TLS, users, headers, rate limit. */
@NullMarked
package io.denywatch.web;

import org.jspecify.annotations.NullMarked;
