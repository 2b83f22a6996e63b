package io.denywatch.cluster.sets;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.BlocklistStore;
import io.denywatch.blocklist.BlocklistStore.Stored;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.sets.StoredNetworkSet.Parts;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.BlocklistRules;
import io.denywatch.process.LogOnce;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One node's blocklist in GlobalNetworkSets of its own, which the blocklist's policy selects on all nodes. Only this
 * node's agent adds to them; they are deleted with the node. Confined to the enforcer thread.
 *
 * <p>The sets that were read or written last are kept: they show what differs, where each source is, and which version
 * a write replaces. After a failed write they are read again.
 */
public final class GlobalNetworkSetStore implements BlocklistStore {
    /** The label that names the node; a long name is shortened and ends with a digest. */
    static final String NODE_LABEL = "denywatch.io/node";

    private static final int ENTRIES_MAX = BlocklistLimits.ENTRIES_MAX + BlocklistLimits.SUBNETS_MAX;

    private final KubernetesClient client; // not owned
    private final CalicoApi api;
    private final String node;
    private final Supplier<Optional<String>> nodeUid;
    private final Supplier<NeverBlock> neverBlock;
    private final SubnetLengths widest;
    private final OverdueRemoval overdue;

    /** This node's sets by shard; null before they were read, and after a write whose outcome is unknown. */
    private @Nullable SortedMap<Integer, StoredNetworkSet> sets;

    /** How many names to read; initially all that an earlier agent may have used. */
    private int shardsToRead = SetName.SHARDS_MAX;

    private int setsThere;
    private @Nullable StoredNetworkSet manualSet;
    private final LogOnce refusals = new LogOnce(
            System.getLogger(GlobalNetworkSetStore.class.getName()), "all of the blocklist is written again");

    /**
     * Creates a store; reads nothing yet.
     *
     * @param connection not owned
     * @param node this node's name
     * @param nodeUid of its Node object, once that is known; changes if the node is recreated
     * @param neverBlock the exempt sources, which are checked once more before each write
     * @param nodes how many agents share the removal of overdue entries; at least 1 is assumed
     * @param widest the widest subnets that the rules can detect; wider entries are not taken over
     * @throws IllegalArgumentException if objects can't be named after the node
     */
    public GlobalNetworkSetStore(
            ClusterConnection connection,
            CalicoApi api,
            String node,
            Supplier<Optional<String>> nodeUid,
            Supplier<NeverBlock> neverBlock,
            IntSupplier nodes,
            SubnetLengths widest) {
        this(connection.client(), api, node, nodeUid, neverBlock, nodes, widest);
    }

    GlobalNetworkSetStore(
            KubernetesClient client,
            CalicoApi api,
            String node,
            Supplier<Optional<String>> nodeUid,
            Supplier<NeverBlock> neverBlock,
            IntSupplier nodes,
            SubnetLengths widest) {
        SetName.checkNode(node);
        this.client = client;
        this.api = api;
        this.node = node;
        this.nodeUid = nodeUid;
        this.neverBlock = neverBlock;
        this.widest = widest;
        overdue = new OverdueRemoval(client, api, node, neverBlock, nodes);
    }

    @Override
    public Stored load() throws StoreException {
        NetworkSets resources = new NetworkSets(client, api.usable());
        SortedMap<Integer, StoredNetworkSet> found = read(resources);
        StoredNetworkSet manual = resources.get(SetName.MANUAL).orElse(null);
        manualSet = manual;
        boolean allThere = found.size() >= setsThere;
        keep(found);
        Blocklist own = merged(found);
        Set<IpPrefix> listed = new HashSet<>();
        found.values().stream().filter(StoredNetworkSet::isSelected).forEach(set -> listed.addAll(set.nets()));
        boolean intact = allThere && differing(own, found, owner()).isEmpty();
        return new Stored(own, listed, intact, manual == null ? ManualList.EMPTY : manual.manual());
    }

    @Override
    public void save(Blocklist wanted) throws StoreException {
        if (wanted.entries().size() > ENTRIES_MAX) {
            throw new IllegalArgumentException("entries must be at most " + ENTRIES_MAX + ": "
                    + wanted.entries().size());
        }
        OwnerReference owner = owner();
        SortedMap<Integer, StoredNetworkSet> found = sets;
        if (found == null) {
            found = read(new NetworkSets(client, api.usable()));
            keep(found);
        }
        Map<Integer, Parts> changes = differing(wanted, found, owner);
        if (changes.isEmpty()) {
            return;
        }
        NetworkSets resources = new NetworkSets(client, api.usable());
        sets = null;
        for (Map.Entry<Integer, Parts> change : changes.entrySet()) {
            StoredNetworkSet before = found.get(change.getKey());
            if (before == null) {
                before = StoredNetworkSet.blank(resources.api(), new SetName(change.getKey(), node).toString());
            }
            found.put(change.getKey(), resources.write(before, change.getValue()));
        }
        keep(found);
    }

    @Override
    public int removeOverdue(Instant now) throws StoreException {
        return overdue.remove(manualSet, now);
    }

    /** Reads this node's sets by name, because a set without its label is in no list. */
    private SortedMap<Integer, StoredNetworkSet> read(NetworkSets resources) throws StoreException {
        SortedMap<Integer, StoredNetworkSet> found = new TreeMap<>();
        for (int shard = 0; shard < shardsToRead; shard++) {
            int number = shard;
            resources.get(new SetName(shard, node).toString()).ifPresent(set -> found.put(number, set));
        }
        return found;
    }

    private void keep(SortedMap<Integer, StoredNetworkSet> found) {
        sets = found;
        setsThere = found.size();
        shardsToRead = found.isEmpty() ? 1 : found.lastKey() + 1;
    }

    private OwnerReference owner() throws StoreException {
        String uid = nodeUid.get()
                .orElseThrow(() -> new StoreException(
                        Reason.NOT_READY, "the uid of node " + node + " is not known: its sets would have no owner"));
        // No blockOwnerDeletion: in some clusters, only accounts that may change a node's finalizers may set it.
        return new OwnerReferenceBuilder()
                .withApiVersion("v1")
                .withKind("Node")
                .withName(node)
                .withUid(uid)
                .build();
    }

    private Blocklist merged(SortedMap<Integer, StoredNetworkSet> found) {
        List<BlockEntry> entries = new ArrayList<>();
        List<PriorBlock> priorBlocks = new ArrayList<>();
        for (StoredNetworkSet set : found.values()) {
            Blocklist part = set.blocklist();
            entries.addAll(part.entries().values());
            priorBlocks.addAll(part.priorBlocks().values());
        }
        entries.removeIf(entry -> !widest.permits(entry.source())); // its rule is no longer configured
        entries.sort(Comparator.comparing(BlockEntry::at));
        priorBlocks.sort(Comparator.comparing(PriorBlock::forgetAt));
        Map<IpPrefix, BlockEntry> bySource = new LinkedHashMap<>();
        entries.forEach(entry -> bySource.put(entry.source(), entry));
        Map<IpPrefix, PriorBlock> priorBlocksBySource = new LinkedHashMap<>();
        priorBlocks.forEach(prior -> priorBlocksBySource.put(prior.source(), prior));
        return new Blocklist(bySource, priorBlocksBySource);
    }

    /** The shards that differ from the blocklist, and their proper content. */
    private Map<Integer, Parts> differing(
            Blocklist wanted, SortedMap<Integer, StoredNetworkSet> found, OwnerReference owner) {
        WritableNets writable = WritableNets.of(wanted.entries().keySet(), neverBlock.get(), widest);
        tell(writable);
        Map<IpPrefix, Integer> entriesBefore = new HashMap<>();
        Map<IpPrefix, Integer> priorBlocksBefore = new HashMap<>();
        found.forEach((shard, set) -> {
            Blocklist part = set.blocklist();
            part.entries().keySet().forEach(source -> entriesBefore.putIfAbsent(source, shard));
            part.priorBlocks().keySet().forEach(source -> priorBlocksBefore.putIfAbsent(source, shard));
        });
        Sharding entries = new Sharding(writable.nets(), entriesBefore, SetName.SHARDS_MAX, SetName.NETS_MAX);
        int shards = Math.max(Math.max(1, entries.shardsUsed()), found.isEmpty() ? 0 : found.lastKey() + 1);
        List<IpPrefix> remembered = new ArrayList<>(wanted.priorBlocks().keySet()).reversed();
        Sharding priorBlocks = new Sharding(remembered, priorBlocksBefore, shards, EntryText.PRIOR_BLOCKS_MAX);
        Map<Integer, Parts> differing = new TreeMap<>();
        for (int number = 0; number < shards; number++) {
            int shard = number;
            List<IpPrefix> nets = writable.nets().stream()
                    .filter(net -> entries.isIn(shard, net))
                    .toList();
            String text = EntryText.write(
                    nets.stream().map(wanted.entries()::get).toList(),
                    wanted.priorBlocks().values().stream()
                            .filter(prior -> priorBlocks.isIn(shard, prior.source()))
                            .toList());
            Parts parts = new Parts(
                    Map.of(
                            BlocklistRules.LABEL,
                            BlocklistRules.VALUE,
                            NODE_LABEL,
                            new SetName(shard, node).nodeLabel()),
                    Map.of(EntryText.ANNOTATION, text),
                    List.of(owner),
                    Parts.texts(nets));
            StoredNetworkSet set = found.get(shard);
            if (set == null || !set.has(parts)) {
                differing.put(shard, parts);
            }
        }
        return differing;
    }

    /** Logs once which sources are not written although they should be blocked. */
    private void tell(WritableNets writable) {
        writable.refused().forEach(refused -> refusals.failed("not written to the blocklist: " + refused));
        if (writable.refused().isEmpty()) {
            refusals.worked();
        }
    }

    /**
     * Assigns each source to a shard: the one it was in, or the first with room. A change therefore affects one shard,
     * and nothing moves.
     */
    static final class Sharding {
        private final Map<IpPrefix, Integer> shards = new HashMap<>();

        /**
         * Assigns sources; if no shard has room, a source is in none.
         *
         * @param before where they were
         * @param shardsMax the maximum number of shards
         * @param perShardMax the maximum number of sources in a shard
         */
        Sharding(Collection<IpPrefix> sources, Map<IpPrefix, Integer> before, int shardsMax, int perShardMax) {
            int[] counts = new int[shardsMax];
            for (IpPrefix source : sources) {
                Integer shard = before.get(source);
                if (shard != null && shard < shardsMax && counts[shard] < perShardMax) {
                    shards.put(source, shard);
                    counts[shard]++;
                }
            }
            int next = 0;
            for (IpPrefix source : sources) {
                while (next < shardsMax && counts[next] == perShardMax) {
                    next++;
                }
                if (next < shardsMax && shards.putIfAbsent(source, next) == null) {
                    counts[next]++;
                }
            }
        }

        /** Whether a source is in a shard. */
        boolean isIn(int shard, IpPrefix source) {
            Integer placed = shards.get(source);
            return placed != null && placed == shard;
        }

        /** The number of shards up to the last one in use. */
        int shardsUsed() {
            return shards.values().stream().mapToInt(shard -> shard + 1).max().orElse(0);
        }
    }
}
