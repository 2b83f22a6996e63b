package io.denywatch.cluster;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request asks of the API, in the words of Kubernetes' authorization. */
public enum Verb {
    /** Reads one object, or what is no object at all. */
    GET,
    /** Reads all objects of a kind. */
    LIST,
    /** Follows the changes of a kind. */
    WATCH,
    /** Makes an object. */
    CREATE,
    /** Replaces an object. */
    UPDATE,
    /** Changes parts of an object. */
    PATCH,
    /** Removes objects. */
    DELETE;

    /** What follows group and version, and the namespace if there is one; a proxy may have put a path in front. */
    private static final Pattern RESOURCE =
            Pattern.compile("/(?:api/[^/]+|apis/[^/]+/[^/]+)/(?:namespaces/[^/]+/(?=[^/]))?([^/]+)(/[^/]+)?");

    private static final Pattern FOLLOWED = Pattern.compile("(?:^|&)watch=(?:1|true)(?:&|$)");

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics. */
    public String label() {
        return label;
    }

    /** The verb of a request. */
    static Verb of(String method, URI uri) {
        return switch (method) {
            case "POST" -> CREATE;
            case "PUT" -> UPDATE;
            case "PATCH" -> PATCH;
            case "DELETE" -> DELETE;
            default -> ofRead(uri);
        };
    }

    private static Verb ofRead(URI uri) {
        String query = uri.getRawQuery();
        if (query != null && FOLLOWED.matcher(query).find()) {
            return WATCH;
        }
        Matcher resource = RESOURCE.matcher(uri.getRawPath());
        return resource.find() && resource.group(2) == null ? LIST : GET;
    }
}
