package io.denywatch.cluster.sets;

import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.sets.StoredNetworkSet.Parts;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.SetLabels;
import io.denywatch.process.PrintableText;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Manual changes to the cluster's blocklist: a set of their own, and removals from the sets of nodes. Confined to one
 * thread. The manual set has no owner, so it outlives nodes. Each change applies to a fresh read and is repeated after
 * a conflict.
 */
public final class ManualBlocklist {
    /** The shortest exemption after a removal: each agent reads the list several times within it. */
    public static final Duration SHORTEST_EXEMPTION = Duration.ofMinutes(5);

    /** The longest time that a decision may hold. */
    public static final Duration LONGEST = ManualEntry.LONGEST;

    /** Maximum number of attempts to change one object. */
    static final int ATTEMPTS_MAX = 5;

    /** Maximum number of exemptions at a time. */
    static final int EXEMPTIONS_MAX = 500;

    private final KubernetesClient client; // not owned
    private final CalicoApi api;
    private final Supplier<NeverBlock> neverBlock;

    /**
     * Creates a blocklist; reads nothing yet.
     *
     * @param connection a connection with the caller's credentials; not owned
     * @param neverBlock exempt sources, which may not be added
     */
    public ManualBlocklist(ClusterConnection connection, CalicoApi api, Supplier<NeverBlock> neverBlock) {
        this(connection.client(), api, neverBlock);
    }

    ManualBlocklist(KubernetesClient client, CalicoApi api, Supplier<NeverBlock> neverBlock) {
        this.client = client;
        this.api = api;
        this.neverBlock = neverBlock;
    }

    /** All sets that the blocklist's policy selects. */
    public List<BlocklistSet> list() throws StoreException {
        List<BlocklistSet> sets = new ArrayList<>();
        new NetworkSets(client, api.usable()).forEachSelected(set -> sets.add(BlocklistSet.of(set)));
        return sets;
    }

    /** The exemptions that network sets make by their label. */
    public SetExemptions exemptions() throws StoreException {
        List<ClusterNetworkSet> sets = new ArrayList<>();
        new NetworkSets(client, api.usable()).forEach(SetLabels.NEVER_BLOCK, set -> sets.add(set.asRead()));
        return SetExemptions.of(sets);
    }

    /**
     * Blocks a source and replaces an earlier entry for it; overlapping exemptions end.
     *
     * @throws StoreException {@link Reason#REFUSED} if the source is exempt, its reason is too long or the list is full
     */
    public void add(ManualEntry entry) throws StoreException {
        List<String> refused =
                WritableNets.of(List.of(entry.source()), neverBlock.get()).refused();
        if (!refused.isEmpty()) {
            throw refused("never to be blocked: " + refused.getFirst());
        }
        checkWords("reason", entry.reason());
        checkWords("by", entry.by());
        Instant latest = entry.at().plus(LONGEST);
        if (!entry.until().isAfter(entry.at()) || entry.until().isAfter(latest)) {
            throw refused(
                    "until " + entry.until() + " is not allowed; allowed: after " + entry.at() + ", up to " + latest);
        }
        change(SetName.MANUAL, found -> {
            ManualList before = found.manual();
            List<ManualEntry> entries = new ArrayList<>(before.entries());
            entries.removeIf(other -> other.source().equals(entry.source()));
            entries.add(entry);
            List<ManualExemption> exemptions = before.exemptions().stream()
                    .filter(exemption -> exemption.holds(entry.at()))
                    .filter(exemption -> !exemption.addresses().overlaps(entry.source()))
                    .toList();
            return found.with(new ManualList(entries, exemptions), net -> false, neverBlock.get());
        });
    }

    /**
     * Removes everything that overlaps a prefix from all sets and keeps agents from blocking it again. The exemption is
     * written first, so that no agent does so in between.
     *
     * @param now the current time; exemptions that have ended are deleted, which agents never do
     * @param allowedUntil when the exemption ends: {@link #SHORTEST_EXEMPTION} from now, or later
     * @return the names of the sets that contained any of these addresses
     */
    public List<String> remove(IpPrefix addresses, Instant now, Instant allowedUntil) throws StoreException {
        Predicate<IpPrefix> out = net -> net.overlaps(addresses);
        List<String> names = new ArrayList<>();
        new NetworkSets(client, api.usable()).forEachSelected(set -> {
            if (set.nets().stream().anyMatch(out)
                    || set.blocklist().entries().keySet().stream().anyMatch(out)
                    || set.manual().entries().stream().anyMatch(entry -> out.test(entry.source()))) {
                names.add(set.name());
            }
        });
        change(SetName.MANUAL, found -> {
            ManualList before = found.manual();
            List<ManualExemption> exemptions = new ArrayList<>(before.exemptions());
            exemptions.removeIf(other -> !other.holds(now) || other.addresses().equals(addresses));
            exemptions.add(new ManualExemption(addresses, allowedUntil));
            List<ManualEntry> entries = before.entries().stream()
                    .filter(entry -> !out.test(entry.source()))
                    .toList();
            return found.with(new ManualList(entries, exemptions), out, neverBlock.get());
        });
        for (String name : names) {
            if (!name.equals(SetName.MANUAL)) {
                change(name, found -> found.resourceVersion().isEmpty() ? null : without(found, addresses));
            }
        }
        return names;
    }

    /** Nets of a feed may be wider than one source, so they are cut. */
    private Parts without(StoredNetworkSet found, IpPrefix addresses) {
        return FeedSetName.parse(found.name()).isPresent()
                ? found.withoutAddresses(addresses)
                : found.without(net -> net.overlaps(addresses), neverBlock.get());
    }

    /** Changes one set. The function returns null if there is nothing to change. */
    private void change(String name, Function<StoredNetworkSet, @Nullable Parts> change) throws StoreException {
        for (int attempt = 1; ; attempt++) {
            NetworkSets sets = new NetworkSets(client, api.usable());
            StoredNetworkSet found = sets.getOrBlank(name);
            Parts parts = change.apply(found);
            if (parts == null) {
                return;
            }
            checkSize(parts, name);
            try {
                sets.write(found, parts);
                return;
            } catch (StoreException e) {
                if (e.reason() != Reason.CONFLICT || attempt == ATTEMPTS_MAX) {
                    throw e;
                }
            }
        }
    }

    private static void checkSize(Parts parts, String name) throws StoreException {
        if (!name.equals(SetName.MANUAL)) {
            return;
        }
        ManualList list = ManualText.read(parts.annotations());
        int bytes =
                parts.annotations().values().stream().mapToInt(String::length).sum();
        if (parts.nets().size() > SetName.NETS_MAX
                || list.exemptions().size() > EXEMPTIONS_MAX
                || bytes > ManualText.BYTES_MAX) {
            throw refused(name + " is full: " + parts.nets().size() + " nets, "
                    + list.exemptions().size() + " exemptions, " + bytes + " bytes; allowed: "
                    + SetName.NETS_MAX + ", " + EXEMPTIONS_MAX + ", " + ManualText.BYTES_MAX);
        }
    }

    private static void checkWords(String what, String words) throws StoreException {
        if (words.length() > ManualText.WORDS_CHARS_MAX || !PrintableText.isLine(words)) {
            throw refused(what + " of " + words.length() + " characters is not allowed; allowed: up to "
                    + ManualText.WORDS_CHARS_MAX + ", without control characters");
        }
    }

    private static StoreException refused(String message) {
        return new StoreException(Reason.REFUSED, message);
    }
}
