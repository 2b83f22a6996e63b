package io.denywatch.denial;

/**
 * The name of a Service; both parts are empty if none is known. Immutable.
 *
 * @param namespace at most {@link LoadBalancer#NAME_BYTES_MAX} characters of printable ASCII
 * @param service likewise
 */
record ServiceName(String namespace, String service) {
    /** No Service, or more than one. */
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

    /** Whether a text may be part of a name. Its length is then the number of its bytes in a saved record. */
    static boolean isValid(String name) {
        return name.length() <= LoadBalancer.NAME_BYTES_MAX && name.chars().allMatch(c -> c >= ' ' && c <= '~');
    }
}
