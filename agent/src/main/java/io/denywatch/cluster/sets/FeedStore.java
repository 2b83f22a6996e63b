package io.denywatch.cluster.sets;

import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.SetLabels;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Imported feeds as they are stored: each in GlobalNetworkSets of its own, which the blocklist's policy selects. A write
 * replaces the version that was read. Confined to one thread.
 */
public final class FeedStore {
    /** Maximum number of nets in one set. While a list is replaced, a set may contain twice as many. */
    public static final int SHARD_NETS_MAX = SetName.NETS_MAX;

    /** Maximum number of sets of one feed. */
    public static final int SHARDS_MAX = 50;

    /** Maximum number of nets of one feed. */
    public static final int NETS_MAX = SHARDS_MAX * SHARD_NETS_MAX;

    /** What the name of a feed may be, in words. */
    public static final String NAMES_ALLOWED =
            "1 to 40 lower-case letters, digits and hyphens, with a letter or digit at both ends";

    private final KubernetesClient client; // not owned
    private final CalicoApi api;
    private final Map<String, StoredNetworkSet> found = new HashMap<>();

    /**
     * A feed as it is stored. Immutable.
     *
     * @param name of the feed
     * @param shards the nets of its sets
     * @param status of the feed
     */
    public record StoredFeed(String name, SortedMap<Integer, List<IpPrefix>> shards, FeedStatus status) {
        /** Copies the map. */
        public StoredFeed {
            shards = Collections.unmodifiableSortedMap(new TreeMap<>(shards));
        }

        /** All nets. */
        public List<IpPrefix> nets() {
            return shards.values().stream().flatMap(List::stream).distinct().toList();
        }

        /** The names of its sets. */
        public List<String> sets() {
            return shards.keySet().stream().map(shard -> setName(name, shard)).toList();
        }
    }

    /**
     * Creates a store; reads nothing yet.
     *
     * @param connection a connection with the caller's credentials; not owned
     */
    public FeedStore(ClusterConnection connection, CalicoApi api) {
        client = connection.client();
        this.api = api;
    }

    /** Whether a feed may have this name. */
    public static boolean isName(String name) {
        return FeedSetName.isFeed(name);
    }

    /** The name of a feed's set. */
    public static String setName(String feed, int shard) {
        return new FeedSetName(feed, shard).toString();
    }

    /** All feeds, by name. */
    public List<StoredFeed> list() throws StoreException {
        SortedMap<String, SortedMap<Integer, StoredNetworkSet>> sets = new TreeMap<>();
        new NetworkSets(client, api.usable())
                .forEachSelected(set -> FeedSetName.parse(set.name())
                        .ifPresent(name -> sets.computeIfAbsent(name.feed(), _ -> new TreeMap<>())
                                .put(name.shard(), set)));
        List<StoredFeed> feeds = new ArrayList<>();
        sets.forEach((name, shards) -> feeds.add(feed(name, shards)));
        return feeds;
    }

    /** A feed; without sets if it is not there. Its sets are read by name, because one without its label is in no list. */
    public StoredFeed read(String name) throws StoreException {
        NetworkSets resources = new NetworkSets(client, api.usable());
        SortedMap<Integer, StoredNetworkSet> shards = new TreeMap<>();
        found.clear();
        resources.forEach(
                SetLabels.FEED,
                name,
                set -> FeedSetName.parse(set.name())
                        .filter(parsed -> parsed.feed().equals(name))
                        .ifPresent(parsed -> shards.put(parsed.shard(), set)));
        int end = shards.isEmpty() ? 1 : shards.lastKey() + 2;
        for (int shard = 0; shard < end; shard++) {
            Optional<StoredNetworkSet> set =
                    shards.containsKey(shard) ? Optional.empty() : resources.get(setName(name, shard));
            if (set.isPresent()) {
                shards.put(shard, set.get());
            }
        }
        shards.values().forEach(set -> found.put(set.name(), set));
        return feed(name, shards);
    }

    private static StoredFeed feed(String name, SortedMap<Integer, StoredNetworkSet> sets) {
        SortedMap<Integer, List<IpPrefix>> shards = new TreeMap<>();
        sets.forEach((shard, set) -> shards.put(shard, List.copyOf(set.nets())));
        StoredNetworkSet first = sets.get(0);
        return new StoredFeed(name, shards, first == null ? FeedStatus.NONE : first.feedStatus());
    }

    /** Gives a set of the feed these nets and, if it is the first one, this status. */
    public void write(String feed, int shard, List<IpPrefix> nets, Optional<FeedStatus> status) throws StoreException {
        NetworkSets resources = new NetworkSets(client, api.usable());
        String name = setName(feed, shard);
        StoredNetworkSet before = found.get(name);
        if (before == null) {
            before = resources.getOrBlank(name);
        }
        found.put(name, resources.write(before, before.ofFeed(feed, nets, status)));
    }

    /** Deletes a set of the feed in the version that was read. */
    public void delete(String feed, int shard) throws StoreException {
        StoredNetworkSet set = found.remove(setName(feed, shard));
        if (set != null) {
            new NetworkSets(client, api.usable()).delete(set);
        }
    }

    /** The manual exemptions that hold. */
    public List<ManualExemption> exemptions(Instant now) throws StoreException {
        return new NetworkSets(client, api.usable())
                .get(SetName.MANUAL).stream()
                        .flatMap(set -> set.manual().exemptions().stream())
                        .filter(exemption -> exemption.holds(now))
                        .toList();
    }
}
