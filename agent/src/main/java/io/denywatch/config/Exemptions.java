package io.denywatch.config;

import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.NodeRanges;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The sources that an agent never blocks: those configured, and those known from the node, its cluster and its
 * policies. Confined to the enforcer thread, which reads them at each decision and before each write. They are combined
 * again only if a part has changed.
 */
public final class Exemptions {
    /** How often the node's own files are read, in milliseconds. */
    static final long NODE_MILLIS = 300_000;

    /** The reason why a source that is itself counted as a load balancer is exempt. */
    static final String COUNTED = "it is counted as a load balancer";

    private final Configuration configuration;
    private final List<Supplier<Optional<List<Range>>>> found;
    private final Path root;
    private final InstantSource clock;
    private List<Range> node = List.of();
    private long nodeDueMillis = Long.MIN_VALUE;
    private List<List<Range>> combined = List.of();
    private NeverBlock ranges;

    /**
     * Creates exemptions and reads nothing yet.
     *
     * @param found the discovered parts; each is empty until it is known, and may change
     * @param root of the node's file system
     */
    public Exemptions(
            Configuration configuration, List<Supplier<Optional<List<Range>>>> found, Path root, InstantSource clock) {
        this.configuration = configuration;
        this.found = List.copyOf(found);
        this.root = root;
        this.clock = clock;
        ranges = configuration.neverBlock(List.of());
    }

    /**
     * The addresses counted as load balancers if every destination counts as one. They are exempt, because they belong
     * to the cluster.
     */
    public static List<Range> counted(DenialSnapshot denials) {
        return counted(denials.loadBalancers().stream()
                .map(loadBalancer -> Ip.parse(loadBalancer.nlb()))
                .toList());
    }

    /** These addresses as exempt ranges. */
    public static List<Range> counted(List<Ip> addresses) {
        return addresses.stream()
                .map(address -> new Range(IpPrefix.of(address), COUNTED))
                .toList();
    }

    /** The exemptions known so far; complete once every part is known. Until then no new source may be blocked. */
    public NeverBlock.Known known() {
        List<Optional<List<Range>>> parts = found.stream().map(Supplier::get).toList();
        return new NeverBlock.Known(with(parts), parts.stream().allMatch(Optional::isPresent));
    }

    private NeverBlock with(List<Optional<List<Range>>> parts) {
        long nowMillis = clock.millis();
        if (nowMillis >= nodeDueMillis || nowMillis < nodeDueMillis - NODE_MILLIS) { // or the clock was set back
            nodeDueMillis = nowMillis + NODE_MILLIS;
            node = NodeRanges.read(root, configuration.blocklist().exempt().resolvConf());
        }
        List<List<Range>> now = Stream.concat(parts.stream().flatMap(Optional::stream), Stream.of(node))
                .toList();
        if (!now.equals(combined)) { // cheap, because unchanged parts are mostly the same objects
            combined = now;
            ranges = configuration.neverBlock(now.stream().flatMap(List::stream).toList());
        }
        return ranges;
    }
}
