package io.denywatch.cluster;

import static java.net.HttpURLConnection.HTTP_FORBIDDEN;
import static java.net.HttpURLConnection.HTTP_NOT_FOUND;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.BackOff;
import io.denywatch.process.LogOnce;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * Addresses of the API server, of pods and of Services, which no watch reports. Confined to the cluster thread. Read
 * every few minutes and kept until the next successful read.
 */
final class ClusterRanges {
    private static final System.Logger LOG = System.getLogger(ClusterRanges.class.getName());

    /** How long a successful read is valid. */
    static final int REFRESH_MILLIS = 5 * 60 * 1_000;

    /** The longest wait after the first failure, in milliseconds; it doubles with each further failure. */
    static final int RETRY_MILLIS = 10_000;

    /** The longest wait after any failure, in milliseconds. */
    static final int RETRY_MILLIS_MAX = 40_000;

    /** Estimated size of a range and its reason in memory. */
    private static final long RANGE_BYTES = 4L * MemoryBudget.BYTES_PER_VALUE;

    private static final String IP_POOLS_V3 = "/apis/projectcalico.org/v3/ippools";
    private static final String IP_POOLS_V1 = "/apis/crd.projectcalico.org/v1/ippools";
    private static final String GROUPS = "/apis/";
    private static final Set<Integer> NOT_FOR_US = Set.of(HTTP_FORBIDDEN, HTTP_NOT_FOUND);

    private final ClusterConnection connection;
    private final List<Range> servers;
    private final List<RangeSource> sources;

    /** One list or object that contains ranges. Confined to the same thread. */
    private static final class RangeSource {
        private final String name;
        private final List<String> paths;
        private final Permission permission;
        private final boolean required;
        private final Function<JsonNode, Stream<Range>> reading;
        private List<Range> ranges = List.of();
        private boolean settled;
        private boolean served = true;
        private long dueMillis;
        private String refusedPath = "";
        private final LogOnce access;
        private final BackOff backOff;

        /**
         * @param paths the first that exists is used
         * @param required whether the exempt addresses are incomplete without it; otherwise it may be forbidden or
         *     missing
         * @param reading extracts the ranges of the object, or of each object in the list
         */
        RangeSource(
                String name,
                List<String> paths,
                Permission permission,
                boolean required,
                Function<JsonNode, Stream<Range>> reading,
                RandomGenerator random) {
            this.name = name;
            this.paths = paths;
            this.permission = permission;
            this.required = required;
            this.reading = reading;
            access = new LogOnce(LOG, name + " can be read now");
            backOff = new BackOff(RETRY_MILLIS, RETRY_MILLIS_MAX, random);
        }
    }

    /**
     * Creates the ranges; reads nothing yet.
     *
     * @param apiServerHost the API server's host as the environment states it; empty if it does not
     * @param crdAllowed whether the operator chose Calico's own objects, so that the account has permissions for those
     * @param random spreads the agents' retries
     */
    ClusterRanges(ClusterConnection connection, String apiServerHost, boolean crdAllowed, RandomGenerator random) {
        this.connection = connection;
        servers = Stream.of(apiServerHost, connection.host())
                .flatMap(host -> range(host.replaceAll("[\\[\\]]", ""), "API server"))
                .distinct()
                .toList();
        sources = List.of(
                new RangeSource(
                        "endpoints of the API server",
                        List.of("/api/v1/namespaces/default/endpoints/kubernetes"),
                        Permission.API_ENDPOINTS,
                        true,
                        ClusterRanges::endpoints,
                        random),
                new RangeSource(
                        "Calico's IP pools",
                        crdAllowed ? List.of(IP_POOLS_V1, IP_POOLS_V3) : List.of(IP_POOLS_V3, IP_POOLS_V1),
                        Permission.IP_POOLS,
                        false,
                        pool -> range(
                                pool.path("spec").path("cidr").asString(""),
                                "IP pool " + pool.path("metadata").path("name").asString("")),
                        random),
                new RangeSource(
                        "ServiceCIDRs",
                        List.of("/apis/networking.k8s.io/v1/servicecidrs"),
                        Permission.SERVICE_CIDRS,
                        false,
                        ClusterRanges::serviceBlocks,
                        random));
    }

    private static Stream<Range> endpoints(JsonNode endpoints) {
        return Addresses.elements(endpoints.path("subsets"))
                .flatMap(subset -> Stream.of("addresses", "notReadyAddresses").map(subset::path))
                .flatMap(Addresses::elements)
                .flatMap(address -> range(address.path("ip").asString(""), "API server"));
    }

    private static Stream<Range> serviceBlocks(JsonNode serviceCidr) {
        String reason =
                "ServiceCIDR " + serviceCidr.path("metadata").path("name").asString("");
        return Addresses.elements(serviceCidr.path("spec").path("cidrs"))
                .flatMap(cidr -> range(cidr.asString(""), reason));
    }

    private static Stream<Range> range(String text, String reason) {
        Optional<IpPrefix> block = IpPrefix.covering(text);
        return block.map(addresses -> new Range(addresses, reason)).stream();
    }

    /**
     * Reads what is due; may wait for answers.
     *
     * @return whether the ranges or their completeness have changed
     */
    boolean poll(long nowMillis) {
        boolean changed = false;
        for (RangeSource source : sources) {
            if (nowMillis >= source.dueMillis) {
                changed |= refresh(source, nowMillis);
            }
        }
        return changed;
    }

    private boolean refresh(RangeSource source, long nowMillis) {
        List<Range> before = source.ranges;
        boolean settledBefore = source.settled;
        source.dueMillis = nowMillis + REFRESH_MILLIS;
        try {
            source.ranges = read(source);
            source.settled = true;
            source.served = true;
            source.access.worked();
            source.backOff.worked();
        } catch (ClusterException e) {
            boolean notForUs = !source.required && NOT_FOR_US.contains(e.status());
            source.settled |= notForUs;
            source.served = !notForUs || e.status() == HTTP_FORBIDDEN;
            if (!notForUs) {
                source.dueMillis = nowMillis + source.backOff.failed();
            }
            failed(source, e, notForUs);
        }
        return source.settled != settledBefore || !source.ranges.equals(before);
    }

    /**
     * Reads the first path that exists and is allowed: an account has rights only for the group that its cluster uses.
     */
    private List<Range> read(RangeSource source) throws ClusterException {
        Optional<ClusterException> refused = Optional.empty();
        for (String path : source.paths) {
            try {
                return read(source, path);
            } catch (ClusterException e) {
                if (!NOT_FOR_US.contains(e.status())) {
                    throw e;
                }
                boolean isRefused =
                        e.status() == HTTP_FORBIDDEN && isServed(path); // the server checks permissions first
                if (refused.isEmpty() || isRefused) {
                    refused =
                            Optional.of(isRefused ? e : new ClusterException(HTTP_NOT_FOUND, path + " is not served"));
                    source.refusedPath = path;
                }
            }
        }
        throw refused.orElseThrow();
    }

    /** Whether the group of a forbidden path is served. Every account may read the list of groups. */
    private boolean isServed(String path) throws ClusterException {
        try {
            connection.get(path.substring(0, path.lastIndexOf('/')));
            return true;
        } catch (ClusterException e) {
            if (NOT_FOR_US.contains(e.status())) {
                return e.status() == HTTP_FORBIDDEN;
            }
            throw e;
        }
    }

    private List<Range> read(RangeSource source, String path) throws ClusterException {
        List<Range> ranges = new ArrayList<>();
        if (source.required) {
            source.reading.apply(connection.get(path)).forEach(ranges::add);
        } else {
            connection.list(path, MemoryBudget.ofHeap(source.name), object -> {
                List<Range> read = source.reading.apply(object).toList();
                ranges.addAll(read);
                return read.size() * RANGE_BYTES;
            });
        }
        return List.copyOf(ranges);
    }

    private static void failed(RangeSource source, ClusterException e, boolean notForUs) {
        String why = e.status() == HTTP_FORBIDDEN
                ? "403; missing: "
                        + source.permission.inGroup(group(source.refusedPath)).rule()
                : String.valueOf(e.getMessage());
        source.access.failed(
                notForUs && e.status() == HTTP_NOT_FOUND ? Level.INFO : Level.WARNING,
                source.name + " cannot be read: " + why);
    }

    /** The group of the API that a path leads to; empty for the core group. */
    private static String group(String path) {
        return path.startsWith(GROUPS) ? path.substring(GROUPS.length(), path.indexOf('/', GROUPS.length())) : "";
    }

    /** What is known. */
    Stream<Range> ranges() {
        return Stream.concat(servers.stream(), sources.stream().flatMap(source -> source.ranges.stream()));
    }

    /**
     * Whether everything available is known: each list was read once, or is not required and is either not served or
     * forbidden to this account.
     */
    boolean isComplete() {
        return sources.stream().allMatch(source -> source.settled);
    }

    /** The problems of lists that exist but cannot be read. */
    Stream<String> problems() {
        return sources.stream()
                .filter(source -> source.served)
                .map(source -> source.access.problem())
                .filter(problem -> !problem.isEmpty());
    }
}
