package io.denywatch.web;

import io.denywatch.process.TokenBucket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The contents of a web configuration file.
 *
 * @param tls how connections are encrypted, if they are
 * @param headers for every response
 * @param users who may send requests; everyone if there are none
 * @param rateLimit how many requests are allowed
 * @param files the files that it was read from
 */
public record WebConfig(
        Optional<ServerTls> tls, Map<String, String> headers, Users users, TokenBucket rateLimit, List<Path> files) {
    /** Copies the lists. */
    public WebConfig {
        headers = Map.copyOf(headers);
        files = List.copyOf(files);
    }
}
