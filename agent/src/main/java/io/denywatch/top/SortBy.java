package io.denywatch.top;

import java.util.Comparator;
import java.util.Locale;

/** The order of the load balancers. */
public enum SortBy {
    /** Packets a second, now. */
    RATE,
    /** Packets since start. */
    PACKETS,
    /** Bytes since start. */
    BYTES,
    /** Distinct sources in the window. */
    SOURCES,
    /** Name, A first. */
    NAME;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name used on the command line. */
    public String label() {
        return label;
    }

    /** The order that is this many places further; after the last one comes the first. */
    SortBy moved(int places) {
        return values()[Math.floorMod(ordinal() + places, values().length)];
    }

    /** The comparator: the highest value first; equal values by packets and then by name. */
    public Comparator<ClusterPage.MergedLoadBalancer> order(Rates.Now rates) {
        Comparator<ClusterPage.MergedLoadBalancer> byName = Comparator.comparing(ClusterPage.MergedLoadBalancer::name)
                .thenComparing(ClusterPage.MergedLoadBalancer::nlb);
        Comparator<ClusterPage.MergedLoadBalancer> first = switch (this) {
            case RATE -> Comparator.comparingDouble(nlb -> -rates.at(nlb.nlb()));
            case PACKETS -> Comparator.comparingLong(nlb -> -nlb.packets());
            case BYTES -> Comparator.comparingLong(nlb -> -nlb.bytes());
            case SOURCES -> Comparator.comparingLong(nlb -> -nlb.sourcesAtMost());
            case NAME -> byName;
        };
        return first.thenComparingLong(nlb -> -nlb.packets()).thenComparing(byName);
    }
}
