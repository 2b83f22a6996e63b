package io.denywatch.exposition;

import io.denywatch.ip.Ip;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The host names that requests may use. A foreign web page can make the name of its own server resolve to this address,
 * so that its scripts can read what the agent serves (DNS rebinding); but the browser then sends that name in {@code
 * Host}. An address or {@code localhost} cannot be such a name.
 */
final class AllowedHosts {
    /**
     * A header that only a program can send: browsers do not let a page set headers with this prefix. The API server's
     * proxy passes on the host name it was called by, so {@code denywatch top} adds this header.
     */
    static final String PROGRAM_HEADER = "sec-denywatch";

    private static final Pattern AUTHORITY =
            Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([A-Za-z0-9_][A-Za-z0-9._-]*))(?::[0-9]{0,5})?");
    private static final Pattern ABSOLUTE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*).*");

    private final Set<String> names;

    /** Takes names without a port. */
    AllowedHosts(List<String> names) {
        this.names = names.stream().map(AllowedHosts::canonical).collect(Collectors.toUnmodifiableSet());
    }

    /** The status of a refusal (RFC 9112, section 3.2); none for a request that may be answered. */
    @Nullable
    HttpResponseStatus refusal(HttpRequest request) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        boolean required = request.protocolVersion().compareTo(HttpVersion.HTTP_1_1) >= 0;
        if (hosts.size() > 1 || (hosts.isEmpty() && required)) {
            return HttpResponseStatus.BAD_REQUEST;
        }
        HttpResponseStatus refusal = hosts.isEmpty() ? null : refusal(hosts.getFirst());
        Matcher absolute = ABSOLUTE.matcher(request.uri());
        if (refusal == null && absolute.matches()) {
            refusal = refusal(absolute.group(1));
        }
        boolean program = request.headers().contains(PROGRAM_HEADER);
        return program && HttpResponseStatus.MISDIRECTED_REQUEST.equals(refusal) ? null : refusal;
    }

    private @Nullable HttpResponseStatus refusal(String authority) {
        Matcher parts = AUTHORITY.matcher(authority.strip());
        if (!parts.matches()) {
            return HttpResponseStatus.BAD_REQUEST;
        }
        boolean bracketed = parts.group(1) != null;
        String host = bracketed ? parts.group(1) : canonical(parts.group(2));
        if (!bracketed && (host.equals("localhost") || names.contains(host))) {
            return null;
        }
        try {
            Ip.parse(host);
            return null;
        } catch (IllegalArgumentException e) {
            return bracketed ? HttpResponseStatus.BAD_REQUEST : HttpResponseStatus.MISDIRECTED_REQUEST;
        }
    }

    /** Case and a final dot make no difference in host names. */
    private static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
