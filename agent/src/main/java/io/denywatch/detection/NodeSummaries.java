package io.denywatch.detection;

import io.denywatch.detection.NodeSummary.RuleSums;
import io.denywatch.detection.NodeSummary.SourceSum;
import io.denywatch.ip.Ip;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the {@link NodeSummary} of this agent from its windows, and publishes it. Confined to the ingest thread, except
 * {@link #published}. It looks at each node of the windows once, so a summary takes a few milliseconds at most.
 */
final class NodeSummaries {
    private final DetectionRule[] rules; // all of them; those of other scopes are skipped
    private final int sourcesPerRule;
    private final AggregationPrefix mask;
    private final SourceActivity sources; // not owned
    private final WindowPool windows; // not owned
    private final LatestSeen latest; // not owned
    private final EstablishedTable established; // not owned
    private long madeAtMillis = Long.MIN_VALUE;
    private volatile NodeSummary published = NodeSummary.NONE;

    NodeSummaries(
            DetectionRule[] rules,
            AggregationPrefix mask,
            SourceActivity sources,
            WindowPool windows,
            LatestSeen latest,
            EstablishedTable established) {
        this.rules = rules;
        this.mask = mask;
        this.sources = sources;
        this.windows = windows;
        this.latest = latest;
        this.established = established;
        int ofCluster =
                (int) Arrays.stream(rules).filter(DetectionRule::isOfCluster).count();
        sourcesPerRule = ofCluster == 0 ? 0 : NodeSummary.sourcesPerRule(ofCluster);
    }

    NodeSummary published() {
        return published;
    }

    /** Makes a summary if there are rules that need one and it is time to. */
    void make(long nowMillis) {
        boolean due = nowMillis < madeAtMillis || nowMillis - NodeSummary.EVERY_MILLIS >= madeAtMillis; // or set back
        if (sourcesPerRule == 0 || !due) {
            return;
        }
        madeAtMillis = nowMillis;
        long second = Math.floorDiv(nowMillis, 1_000);
        Instant at = Instant.ofEpochSecond(second);
        List<RuleSums> sums = new ArrayList<>();
        for (int number = 0; number < rules.length; number++) {
            if (rules[number].isOfCluster()) {
                sums.add(sums(number, second));
            }
        }
        List<EstablishedSource> latestEstablished = established.snapshot().validAt(at).stream()
                .limit(NodeSummary.ESTABLISHED_MAX)
                .toList();
        published = new NodeSummary(at, sums, latestEstablished, "");
    }

    private RuleSums sums(int number, long until) {
        DetectionRule rule = rules[number];
        long after = until - NodeSummary.countedSeconds(rule);
        long[] ranking = new long[sources.size()];
        int found = 0;
        for (int source = 0; source < ranking.length; source++) {
            int amount = windows.amount(source * rules.length + number, after, until);
            if (amount > 0) {
                ranking[found++] = ((long) amount << Integer.SIZE) | source;
            }
        }
        Arrays.sort(ranking, 0, found);
        int listed = Math.min(found, sourcesPerRule);
        List<SourceSum> highest = new ArrayList<>(listed);
        for (int place = found - 1; place >= found - listed; place--) {
            int source = (int) ranking[place];
            highest.add(sum(rule, source, source * rules.length + number, after, until));
        }
        return new RuleSums(rule, highest, found - listed);
    }

    private SourceSum sum(DetectionRule rule, int source, int window, long after, long until) {
        List<String> keys = new ArrayList<>();
        switch (rule.measure()) {
            case PACKETS, DISTINCT_NODES, DISTINCT_SOURCES -> {}
            case DISTINCT_PORTS ->
                windows.keys(window, after, until, (_, pair) -> keys.add(LatestSeen.portText((int) pair)));
            case DISTINCT_LOAD_BALANCERS ->
                windows.keys(window, after, until, (high, low) -> keys.add(new Ip(high, low).toString()));
        }
        return new SourceSum(
                mask.prefix(sources.high(source), sources.low(source)),
                windows.amount(window, after, until),
                keys,
                latest.ports(source),
                latest.loadBalancers(source),
                Instant.ofEpochSecond(windows.firstSecond(window, after, until)),
                Instant.ofEpochSecond(Math.min(sources.latestSecond(source), until)));
    }
}
