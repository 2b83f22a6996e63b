package io.denywatch.cluster;

import io.denywatch.count.Count;
import io.denywatch.count.Histogram;
import io.denywatch.count.RequestCounts;
import io.denywatch.count.RequestCounts.VerbAndCode;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counts and times the requests of one client. Called by several threads of the client, and by readers: synchronized.
 */
public final class RequestMeter implements Interceptor {
    /** Maximum number of pairs of verb and code that are counted separately; all others have the code {@code other}. */
    static final int PAIRS_MAX = 100;

    /** Maximum number of pending requests; beyond that, the oldest count as unanswered. */
    static final int UNDER_WAY_MAX = 64;

    /** A request counts as unanswered after this time; no caller waits that long. */
    static final long ANSWER_NANOS_MAX = 35_000_000_000L;

    private static final double NANOS_PER_SECOND = 1e9;

    private final LongSupplier nanos;
    private final Map<UUID, UnderWay> underWay = new LinkedHashMap<>();
    private final Map<VerbAndCode, Long> requests = new HashMap<>();
    private final Map<String, Histogram> seconds = new HashMap<>();

    private record UnderWay(Verb verb, long startedNanos) {}

    /**
     * A meter at zero.
     *
     * @param nanos a monotonic clock in nanoseconds
     */
    public RequestMeter(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** All that was counted so far. */
    public synchronized RequestCounts counts() {
        dropUnanswered(UNDER_WAY_MAX);
        return new RequestCounts(requests, seconds);
    }

    /**
     * Starts timing a request. This is the client's last call before it sends the request, whose id {@link #after} gets
     * too.
     */
    @Override
    public synchronized AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        dropUnanswered(UNDER_WAY_MAX - 1);
        underWay.put(request.id(), new UnderWay(Verb.of(request.method(), request.uri()), nanos.getAsLong()));
        return consumer;
    }

    @Override
    public synchronized void after(
            HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        Verb verb = Verb.of(request.method(), request.uri());
        int code = response.code();
        count(verb, code >= 100 && code <= 599 ? Integer.toString(code) : "other");
        UnderWay answered = underWay.remove(request.id());
        if (answered != null) {
            double took = (nanos.getAsLong() - answered.startedNanos()) / NANOS_PER_SECOND;
            seconds.merge(verb.label(), Histogram.SECONDS.with(took), (known, _) -> known.with(took));
        }
    }

    /** Counts requests without an answer, which the client does not report. */
    private void dropUnanswered(int leave) {
        Iterator<UnderWay> oldestFirst = underWay.values().iterator();
        while (oldestFirst.hasNext()) {
            UnderWay oldest = oldestFirst.next();
            if (underWay.size() <= leave && nanos.getAsLong() - oldest.startedNanos() < ANSWER_NANOS_MAX) {
                break;
            }
            oldestFirst.remove();
            count(oldest.verb(), "error");
        }
    }

    private void count(Verb verb, String code) {
        VerbAndCode pair = new VerbAndCode(verb.label(), code);
        boolean room = requests.containsKey(pair) || requests.size() < PAIRS_MAX;
        requests.merge(room ? pair : new VerbAndCode(verb.label(), "other"), 1L, Count::sum);
    }

    /** The verb of a request, as Kubernetes' authorization calls it. */
    public enum Verb {
        /** Reads one object, or a path that is not an object. */
        GET,
        /** Reads all objects of a kind. */
        LIST,
        /** Follows the changes of a kind. */
        WATCH,
        /** Creates an object. */
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
}
