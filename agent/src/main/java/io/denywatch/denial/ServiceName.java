package io.denywatch.denial;

/**
 * The name of a Service; both parts are empty where none is known.
 *
 * @param namespace at most {@link LoadBalancer#NAME_BYTES_MAX} characters of printable ASCII
 * @param service likewise
 */
record ServiceName(String namespace, String service) {
    /** No Service, or not a single one. */
    static final ServiceName NONE = new ServiceName("", "");

    /** Checks both parts. */
    ServiceName {
        check("namespace", namespace);
        check("service", service);
    }

    private static void check(String what, String name) {
        if (!isValid(name)) {
            throw new IllegalArgumentException(what + " must be at most " + LoadBalancer.NAME_BYTES_MAX
                    + " characters of printable ASCII: \"" + name + '"');
        }
    }

    /** Whether this may be a part of a name: then its length is the number of its bytes in a saved state. */
    static boolean isValid(String name) {
        return name.length() <= LoadBalancer.NAME_BYTES_MAX && name.chars().allMatch(c -> c >= ' ' && c <= '~');
    }
}
