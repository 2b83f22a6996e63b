package io.denywatch.cluster.sets;

import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.ClusterLoadBalancer;
import io.denywatch.cluster.ClusterView;
import io.denywatch.cluster.sets.StoredNetworkSet.Parts;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.LoadBalancerRules;
import io.denywatch.process.BackOff;
import io.denywatch.process.LogOnce;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The addresses of all load balancers in GlobalNetworkSets, which policies can use as destinations. Only the elected
 * agent writes them. {@link #poll} is confined to one thread, which may wait here for the API server; any thread may
 * ask for the status.
 *
 * <p>It brings the sets to the wanted state, whatever they contained. It writes nothing before the Services and all
 * nodes are known. An address is published if it is in the status of a Service, where only controllers write. The
 * external IPs of a Service are not: everyone who may create a Service chooses them, and a policy would then deny any
 * address. Addresses of nodes are not published either, because a policy that denies them cuts off the node.
 */
public final class LoadBalancerSets {
    /** The name of the first set; further ones end with a hyphen and a number. */
    public static final String NAME = "denywatch-load-balancers";

    /** Maximum number of sets. */
    static final int SHARDS_MAX = 5;

    /** Maximum number of addresses in all sets. */
    public static final int ADDRESSES_MAX = SHARDS_MAX * SetName.NETS_MAX;

    /** Time between two reconciles while no Service changes. */
    static final Duration RECONCILE_EVERY = Duration.ofSeconds(30);

    /** Shortest time between two reconciles, in milliseconds: a burst of changes is written once. */
    static final int RECONCILE_MILLIS_MIN = 1_000;

    /** Longest wait after a failure, in milliseconds. */
    static final int RETRY_MILLIS_MAX = 30_000;

    /**
     * How long an address stays after it left the Services: a Service that is created again keeps its policies, and the
     * next owner of the address is denied a little longer rather than the Service too little.
     */
    public static final Duration GONE_GRACE = Duration.ofMinutes(5);

    private final KubernetesClient client; // not owned
    private final CalicoApi api;
    private final BooleanSupplier leads;
    private final Supplier<ClusterView> cluster;
    private final BackOff backOff;
    private final LogOnce writing =
            new LogOnce(System.getLogger(LoadBalancerSets.class.getName()), "load balancers are published again");
    private final LogOnce leavingOut =
            new LogOnce(System.getLogger(LoadBalancerSets.class.getName()), "all load balancers are published");

    /** When an address in the sets was first seen without a Service, in Unix milliseconds. */
    private final Map<IpPrefix, Long> goneSince = new HashMap<>();

    private ClusterView written = ClusterView.EMPTY;
    private int shardsToRead = SHARDS_MAX;
    private long polledMillis = Long.MIN_VALUE;
    private long dueMillis = Long.MIN_VALUE;
    private long earliestMillis = Long.MIN_VALUE;
    private volatile PublishedAddresses published = PublishedAddresses.NOTHING;

    /**
     * What this agent published.
     *
     * @param addresses in the sets
     * @param syncMillis when the sets were last known to be as wanted, in Unix milliseconds; 0 if this agent does not
     *     lead or has not written them since it does
     */
    public record PublishedAddresses(int addresses, long syncMillis) {
        public static final PublishedAddresses NOTHING = new PublishedAddresses(0, 0);
    }

    /**
     * Writes nothing yet.
     *
     * @param connection not owned
     * @param leads whether this agent is the elected one; asked before each write
     * @param cluster what is known of the cluster
     * @param random spreads retries
     */
    public LoadBalancerSets(
            ClusterConnection connection,
            CalicoApi api,
            BooleanSupplier leads,
            Supplier<ClusterView> cluster,
            RandomGenerator random) {
        this(connection.client(), api, leads, cluster, random);
    }

    LoadBalancerSets(
            KubernetesClient client,
            CalicoApi api,
            BooleanSupplier leads,
            Supplier<ClusterView> cluster,
            RandomGenerator random) {
        this.client = client;
        this.api = api;
        this.leads = leads;
        this.cluster = cluster;
        backOff = new BackOff(RECONCILE_MILLIS_MIN, RETRY_MILLIS_MAX, random);
    }

    /** What this agent published. */
    public PublishedAddresses published() {
        return published;
    }

    /** Reconciles the sets if it is time to, or if a Service has changed. Returns 0 if there was nothing to do. */
    public int poll(long nowMillis) {
        ClusterView view = cluster.get();
        if (!leads.getAsBoolean()
                || !view.servicesKnown()
                || view.allNodeAddresses().isEmpty()) {
            if (!leads.getAsBoolean()) {
                forget();
            }
            return 0;
        }
        boolean setBack = nowMillis < polledMillis;
        polledMillis = nowMillis;
        boolean changed = !view.services().equals(written.services())
                || !view.allNodeAddresses().equals(written.allNodeAddresses());
        if (!setBack && nowMillis < (changed ? earliestMillis : dueMillis)) {
            return 0;
        }
        try {
            reconcile(view, nowMillis);
            backOff.worked();
            writing.worked();
            earliestMillis = nowMillis + RECONCILE_MILLIS_MIN;
            dueMillis = nowMillis + RECONCILE_EVERY.toMillis();
            written = view;
        } catch (StoreException e) {
            writing.failed("load balancers cannot be published: " + e.getMessage());
            earliestMillis = nowMillis + backOff.failed();
            dueMillis = earliestMillis;
        }
        return 1;
    }

    private void forget() {
        published = PublishedAddresses.NOTHING;
        goneSince.clear();
        written = ClusterView.EMPTY;
        shardsToRead = SHARDS_MAX;
        earliestMillis = Long.MIN_VALUE;
        dueMillis = Long.MIN_VALUE;
    }

    private void reconcile(ClusterView view, long nowMillis) throws StoreException {
        NetworkSets resources = new NetworkSets(client, api.usable());
        SortedMap<Integer, StoredNetworkSet> found = new TreeMap<>();
        Map<IpPrefix, Integer> before = new HashMap<>();
        for (int shard = 0; shard < shardsToRead; shard++) {
            int number = shard;
            resources.get(name(shard)).ifPresent(set -> {
                found.put(number, set);
                set.nets().forEach(net -> before.putIfAbsent(net, number));
            });
        }
        List<IpPrefix> nets = withDeparted(
                wanted(view), before.keySet(), view.allNodeAddresses().orElse(Set.of()), nowMillis);
        GlobalNetworkSetStore.Sharding shards =
                new GlobalNetworkSetStore.Sharding(nets, before, SHARDS_MAX, SetName.NETS_MAX);
        int count = Math.max(Math.max(1, shards.shardsUsed()), found.isEmpty() ? 0 : found.lastKey() + 1);
        for (int number = 0; number < count; number++) {
            int shard = number;
            StoredNetworkSet set = found.getOrDefault(shard, StoredNetworkSet.blank(resources.api(), name(shard)));
            Parts parts = new Parts(
                    LoadBalancerRules.LABELS,
                    Map.of(),
                    set.owners(),
                    Parts.texts(
                            nets.stream().filter(net -> shards.isIn(shard, net)).toList()));
            if (!found.containsKey(shard) || !set.has(parts)) {
                if (!leads.getAsBoolean()) {
                    return;
                }
                resources.write(set, parts);
            }
        }
        shardsToRead = count;
        published = new PublishedAddresses(Math.min(nets.size(), ADDRESSES_MAX), nowMillis);
    }

    /** The addresses that belong in the sets because of Services. */
    private Set<IpPrefix> wanted(ClusterView view) {
        Set<Ip> nodes = view.allNodeAddresses().orElse(Set.of());
        Set<IpPrefix> wanted = new TreeSet<>(IpPrefix.ORDER);
        boolean complete = true;
        for (ClusterLoadBalancer service : view.services()) {
            for (Ip address : service.addresses()) {
                IpPrefix net = IpPrefix.of(address);
                String problem = nodes.contains(address)
                        ? "it is the address of a node"
                        : !LoadBalancerRules.isDestination(net)
                                ? "no packet from elsewhere can have it as destination"
                                : wanted.size() >= ADDRESSES_MAX ? "there are more than " + ADDRESSES_MAX : "";
                if (problem.isEmpty()) {
                    wanted.add(net);
                } else if (!wanted.contains(net)) {
                    complete = false;
                    leavingOut.failed("address " + address + " of Service " + service.namespace() + "/" + service.name()
                            + " is not published: " + problem);
                }
            }
        }
        if (complete) {
            leavingOut.worked();
        }
        return wanted;
    }

    /** The wanted addresses, followed by those in the sets that left the Services a short time ago. */
    private List<IpPrefix> withDeparted(Set<IpPrefix> wanted, Set<IpPrefix> stored, Set<Ip> nodes, long nowMillis) {
        Set<IpPrefix> gone = new HashSet<>(stored);
        gone.removeAll(wanted);
        gone.removeIf(net -> !net.isSingle() || !LoadBalancerRules.isDestination(net) || nodes.contains(net.network()));
        goneSince.keySet().retainAll(gone);
        gone.forEach(net -> goneSince.putIfAbsent(net, nowMillis));
        return Stream.concat(
                        wanted.stream(),
                        gone.stream()
                                .filter(net -> Math.abs(nowMillis - goneSince.getOrDefault(net, nowMillis))
                                        < GONE_GRACE.toMillis())
                                .sorted(IpPrefix.ORDER))
                .toList();
    }

    /** The name of a set. */
    static String name(int shard) {
        return shard == 0 ? NAME : NAME + "-" + shard;
    }
}
