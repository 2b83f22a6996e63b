package io.denywatch.cluster;

import static java.net.HttpURLConnection.HTTP_CONFLICT;
import static java.net.HttpURLConnection.HTTP_FORBIDDEN;
import static java.net.HttpURLConnection.HTTP_NOT_FOUND;
import static java.net.HttpURLConnection.HTTP_UNAUTHORIZED;

import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Translates failed API requests into failures of the blocklist's store. */
public final class ApiFailures {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final Set<Class<?>> WRAPPERS =
            Set.of(KubernetesClientException.class, ExecutionException.class, IOException.class);
    private static final int DETAIL_CHARS_MAX = 200;

    private ApiFailures() {}

    /**
     * The failure of one request.
     *
     * @param verb as RBAC calls it
     * @param object resource, group and name
     */
    public static StoreException of(String verb, String object, KubernetesClientException e) {
        int code = e.getCode();
        String detail = e.getStatus() != null && e.getStatus().getMessage() != null
                ? line(e.getStatus().getMessage())
                : cause(e);
        return new StoreException(
                reason(code), verb + " " + object + ": " + (isAnswer(code) ? code : "no answer") + ", " + detail);
    }

    /** The root cause in one line: the client's own message only states what it tried. */
    static String cause(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && WRAPPERS.contains(cause.getClass())) {
            cause = cause.getCause();
        }
        String kind = cause.getClass().getSimpleName();
        return line(cause.getMessage() == null ? kind : kind + ": " + cause.getMessage());
    }

    private static Reason reason(int code) {
        return switch (code) {
            case HTTP_UNAUTHORIZED, HTTP_FORBIDDEN -> Reason.FORBIDDEN;
            case HTTP_CONFLICT -> Reason.CONFLICT;
            case HTTP_NOT_FOUND -> Reason.REFUSED; // the kind does not exist; a missing object is not a failure
            case TOO_MANY_REQUESTS -> Reason.UNAVAILABLE;
            default -> isAnswer(code) && code < 500 ? Reason.REFUSED : Reason.UNAVAILABLE;
        };
    }

    /** Whether the code comes from an answer; without an answer, the client uses other numbers. */
    private static boolean isAnswer(int code) {
        return code >= 400;
    }

    private static String line(String detail) {
        String line = detail.replaceAll("\\s+", " ").strip();
        return line.length() <= DETAIL_CHARS_MAX ? line : line.substring(0, DETAIL_CHARS_MAX) + "…";
    }
}
