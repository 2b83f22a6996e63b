package io.denywatch.exposition;

import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.SharedBlocklist;
import io.denywatch.count.RequestCounts;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.NodeSummary;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.sums.ClusterRulesStatus;
import java.util.function.Supplier;

/**
 * The latest snapshots published by other threads. Any thread may read them at any time; the values are immutable.
 *
 * @param ingest by the ingest thread
 * @param answers by the ingest thread: the established sources
 * @param blocklist by the enforcer thread; {@link BlocklistStatus#OFF} if there is no such thread
 * @param diagnosis by the checkup thread; {@link Diagnosis#NONE} without a cluster
 * @param kubernetes by the client of the Kubernetes API; {@link RequestCounts#NONE} without a cluster
 * @param shared by the sharing thread; {@link SharedBlocklist#OFF} if there is no such thread
 * @param sharedWork by the cluster and publish threads; {@link SharedWork#NONE} if no feature needs a leader
 * @param summary by the ingest thread, for rules of the whole cluster
 * @param clusterRules by the sums thread; {@link ClusterRulesStatus#OFF} without such rules
 */
public record Published(
        Supplier<IngestSnapshot> ingest,
        Supplier<EstablishedSources> answers,
        Supplier<BlocklistStatus> blocklist,
        Supplier<Diagnosis> diagnosis,
        Supplier<RequestCounts> kubernetes,
        Supplier<SharedBlocklist> shared,
        Supplier<SharedWork> sharedWork,
        Supplier<NodeSummary> summary,
        Supplier<ClusterRulesStatus> clusterRules) {
    /** Without a list to share, shared work and rules of the whole cluster. */
    public Published(
            Supplier<IngestSnapshot> ingest,
            Supplier<EstablishedSources> answers,
            Supplier<BlocklistStatus> blocklist,
            Supplier<Diagnosis> diagnosis,
            Supplier<RequestCounts> kubernetes) {
        this(
                ingest,
                answers,
                blocklist,
                diagnosis,
                kubernetes,
                () -> SharedBlocklist.OFF,
                () -> SharedWork.NONE,
                () -> NodeSummary.NONE,
                () -> ClusterRulesStatus.OFF);
    }
}
