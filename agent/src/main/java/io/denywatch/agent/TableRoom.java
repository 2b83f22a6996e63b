package io.denywatch.agent;

import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.config.Configuration;
import io.denywatch.config.Setting;
import io.denywatch.denial.DenialLimits;
import io.denywatch.process.CommandFailure;

/**
 * Checks that the tables allowed by the settings fit in the heap. Stateless. The tables grow with traffic, so without
 * this check a flood would end the process, again and again.
 *
 * <p>The constants were measured with all tables full, two pages a second and the garbage collector that the agent runs
 * with; the chart computes the same.
 */
public final class TableRoom {
    /** Memory that does not depend on settings. */
    static final int FIXED_MIB = 12;

    /** Windows of sources, and decisions. */
    static final int BLOCKLIST_MIB = 6;

    /** The client of the Kubernetes API, with what it knows. */
    static final int CLUSTER_MIB = 8;

    /**
     * Heap for the tables in percent of their size: a fifth more for copies while a table grows and for the collector.
     */
    static final int TABLES_PERCENT = 120;

    /** Bytes of a time series, in the published snapshot and in a page together. */
    static final int BYTES_PER_SERIES = 512;

    /** Time series of a load balancer, apart from those of sources. */
    static final int SERIES_PER_LOAD_BALANCER = 12;

    /** The same for packets that the blocklist stopped. */
    static final int STOPPED_SERIES_PER_LOAD_BALANCER = 3;

    /** Addresses on the cluster's blocklist, up to 100,000 of them, and what the blocklist stopped by source. */
    static final int STOPPED_MIB = 12;

    private static final long MIB = 1 << 20;

    private TableRoom() {}

    /** The size of the heap that is needed, in bytes. */
    static long heapBytes(Configuration configuration) {
        return besideTables(configuration) + limits(configuration).tableBytesMax() * TABLES_PERCENT / 100;
    }

    private static long besideTables(Configuration configuration) {
        long mib = (long) FIXED_MIB
                + (configuration.blocklist().mode() == BlocklistMode.OFF ? 0 : BLOCKLIST_MIB)
                + (configuration.usesCluster() ? CLUSTER_MIB : 0)
                + (configuration.blocklist().countBlocked() ? STOPPED_MIB : 0);
        long series = (configuration.loadBalancers().max() + 1L)
                * (SERIES_PER_LOAD_BALANCER
                        + (configuration.blocklist().countBlocked() ? STOPPED_SERIES_PER_LOAD_BALANCER : 0)
                        + configuration.sources().exportedPerLoadBalancer());
        return mib * MIB + series * BYTES_PER_SERIES;
    }

    /** The limits of the tables. */
    static DenialLimits limits(Configuration configuration) {
        Configuration.SourceSettings sources = configuration.sources();
        return new DenialLimits(
                configuration.loadBalancers().max(),
                sources.trackedPerLoadBalancer(),
                sources.exportedPerLoadBalancer(),
                sources.ipv6PrefixLength(),
                DenialLimits.DEFAULTS.portsPerLoadBalancerMax());
    }

    /**
     * Fails if the tables do not fit.
     *
     * @param heapBytesMax as the runtime says: the part of -Xmx that can be used
     */
    public static void check(Configuration configuration, long heapBytesMax) {
        long needed = heapBytes(configuration);
        if (needed <= heapBytesMax) {
            return;
        }
        int tracked = configuration.sources().trackedPerLoadBalancer();
        int max = configuration.loadBalancers().max();
        throw CommandFailure.usage(Setting.SOURCES_TRACKED.key() + ": " + tracked + " with "
                + Setting.LOAD_BALANCERS_MAX.key() + " " + max + " is not allowed in a heap of "
                + heapBytesMax / MIB + " MiB; allowed: smaller tables, or a heap of " + xmxMib(needed)
                + " MiB, as in DENYWATCH_JAVA_OPTS=-Xmx" + xmxMib(needed)
                + "m (in a container, the heap is a share of the memory limit)");
    }

    /** The -Xmx for a usable heap: the collector keeps a thirtieth empty, which the runtime does not report. */
    static long xmxMib(long heapBytes) {
        return heapBytes / MIB * 30 / 29 + 2;
    }
}
