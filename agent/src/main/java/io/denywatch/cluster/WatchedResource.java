package io.denywatch.cluster;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * A kind of object that is followed, and what is kept of each.
 *
 * @param name in messages, as in {@code services}
 * @param path of all of them, from {@code /api} on
 * @param fieldSelectors what to ask for, the best first: older servers answer 400 to what they don't know; empty for all
 * @param permission without which it cannot be read
 * @param reading what is kept of an object, if anything
 */
public record WatchedResource<T>(
        String name,
        String path,
        List<String> fieldSelectors,
        Permission permission,
        Function<JsonNode, Optional<T>> reading) {}
