package io.denywatch.cluster.sets;

import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.sets.StoredNetworkSet.Parts;
import io.denywatch.ip.IpPrefix;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Removes overdue entries that no running agent owns. Confined to the enforcer thread. There is no leader: in each
 * round a hash of agent, entry and round assigns each entry to one agent on average. If two agents act, one meets a
 * conflict and the entry is gone; if none acts, the next round assigns it again. Manual exemptions are never removed:
 * they expire, and the next manual change deletes them.
 */
final class OverdueRemoval {
    /** How long to wait for the agent of the node to remove its own entries. */
    static final Duration GRACE = Duration.ofMinutes(5);

    /** How often the sets of all nodes are listed, and the length of their rounds. */
    static final Duration LISTING_EVERY = Duration.ofMinutes(5);

    /** Length of a round for the manual set, which is read together with this node's own sets. */
    static final Duration MANUAL_ROUND = Duration.ofSeconds(30);

    /** How long after its end a manual entry is removed, because clocks differ. */
    static final Duration MARGIN = Duration.ofMinutes(1);

    /** Maximum number of entries removed from a set in one write; the admission policy compares no more. */
    static final int REMOVED_MAX = 100;

    private final KubernetesClient client; // not owned
    private final CalicoApi api;
    private final String node;
    private final Supplier<NeverBlock> neverBlock;
    private final IntSupplier nodes;
    private long manualRound;
    private long listingRound;

    OverdueRemoval(
            KubernetesClient client, CalicoApi api, String node, Supplier<NeverBlock> neverBlock, IntSupplier nodes) {
        this.client = client;
        this.api = api;
        this.node = node;
        this.neverBlock = neverBlock;
        this.nodes = nodes;
    }

    /**
     * Removes what is overdue, once per round.
     *
     * @param manual the manual set as last read
     * @return how many entries were removed
     */
    int remove(@Nullable StoredNetworkSet manual, Instant now) throws StoreException {
        int removed = 0;
        long round = now.getEpochSecond() / MANUAL_ROUND.toSeconds();
        if (manual != null && round != manualRound) {
            manualRound = round;
            removed += fromManual(manual, round, now);
        }
        round = now.getEpochSecond() / LISTING_EVERY.toSeconds();
        if (round != listingRound) {
            listingRound = round;
            removed += fromNodes(round, now);
        }
        return removed;
    }

    private int fromManual(StoredNetworkSet manual, long round, Instant now) throws StoreException {
        ManualList decided = manual.manual();
        Instant by = now.minus(MARGIN);
        Set<String> entries = texts(decided.entries().stream()
                .filter(entry -> !by.isBefore(entry.lastsUntil()))
                .map(ManualEntry::source)
                .filter(source -> isOurs(manual, source, round)));
        if (entries.isEmpty()) {
            return 0;
        }
        Parts left = manual.without(entries, Map.of(ManualText.ENTRIES, entries));
        return write(new NetworkSets(client, api.usable()), manual, left).isPresent() ? entries.size() : 0;
    }

    private static Set<String> texts(Stream<IpPrefix> prefixes) {
        return prefixes.map(IpPrefix::toString).limit(REMOVED_MAX).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private int fromNodes(long round, Instant now) throws StoreException {
        NetworkSets sets = new NetworkSets(client, api.usable());
        AtomicInteger removed = new AtomicInteger();
        List<StoreException> failures = new ArrayList<>();
        sets.forEachSelected(set -> {
            boolean ofOtherNode = SetName.parse(set.name())
                    .filter(name -> !name.node().equals(node))
                    .isPresent();
            try {
                if (ofOtherNode && set.isReadable()) {
                    removed.addAndGet(fromNode(sets, set, round, now));
                }
            } catch (StoreException e) {
                failures.add(e); // one set must not prevent the check of the others
            }
        });
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        return removed.get();
    }

    private int fromNode(NetworkSets sets, StoredNetworkSet found, long round, Instant now) throws StoreException {
        int removed = 0;
        Optional<StoredNetworkSet> set = Optional.of(found);
        while (set.isPresent()) {
            Set<IpPrefix> overdue = overdueIn(set.get(), round, now);
            if (overdue.isEmpty()) {
                break;
            }
            Set<String> out = texts(Stream.concat(overdue.stream(), exempt(set.get())));
            set = write(sets, set.get(), set.get().without(out, Map.of(EntryText.ANNOTATION, out)));
            removed += set.isPresent() ? Math.min(overdue.size(), out.size()) : 0;
        }
        return removed;
    }

    /** Exempt sources are removed together with overdue ones. */
    private Stream<IpPrefix> exempt(StoredNetworkSet set) {
        NeverBlock now = neverBlock.get();
        return set.nets().stream().filter(net -> now.touching(net).isPresent());
    }

    private Set<IpPrefix> overdueIn(StoredNetworkSet set, long round, Instant now) {
        Set<IpPrefix> overdue = new HashSet<>();
        set.blocklist().entries().forEach((source, entry) -> {
            if (entry.isOver(now.minus(GRACE)) && isOurs(set, source, round)) {
                overdue.add(source);
            }
        });
        return overdue;
    }

    /** The set after the write; empty after a conflict. */
    private static Optional<StoredNetworkSet> write(NetworkSets sets, StoredNetworkSet found, Parts parts)
            throws StoreException {
        try {
            return Optional.of(sets.write(found, parts));
        } catch (StoreException e) {
            if (e.reason() == Reason.CONFLICT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private boolean isOurs(StoredNetworkSet set, IpPrefix source, long round) {
        return takes(node, nodes.getAsInt(), set.name() + " " + source, round);
    }

    /** Whether an agent takes an entry in a round; on average, one agent of {@code nodes} does. */
    static boolean takes(String node, int nodes, String entry, long round) {
        long hash = 0xcbf2_9ce4_8422_2325L; // FNV-1a, followed by a finalizer, because its low bits are weak
        String text = node + " " + entry + " " + round;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100_0000_01b3L;
        }
        hash = (hash ^ hash >>> 33) * 0xff51_afd7_ed55_8ccdL; // MurmurHash3's, by Appleby
        hash = (hash ^ hash >>> 33) * 0xc4ce_b9fe_1a85_ec53L;
        return Long.remainderUnsigned(hash ^ hash >>> 33, Math.max(1, nodes)) == 0;
    }
}
