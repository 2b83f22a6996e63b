package io.denywatch.exposition;

import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.DecisionDocument;
import io.denywatch.api.Enforcement;
import io.denywatch.api.NlbsDocument;
import io.denywatch.api.SourceDocument;
import io.denywatch.api.SourcesDocument;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.BlocklistStatus.RuleOutcome;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.Decision.RecentDecision;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.denial.StoppedSources;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.RuleScope;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.tail.TailSnapshot;
import java.time.Instant;
import java.util.AbstractCollection;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Creates the documents of the API from published snapshots. Stateless.
 *
 * <p>Only the API's pages load this class, and Jackson with it.
 */
final class Documents {
    /** Maximum number of established sources that are shown, the latest first. */
    static final int ANSWERED_MAX = 256;

    private Documents() {}

    /** All load balancers, and the state of the log. */
    static NlbsDocument nlbs(ExpositionSettings agent, IngestSnapshot snapshot) {
        DenialSnapshot denials = snapshot.denials();
        return new NlbsDocument(
                agent.node(),
                agent.version(),
                Instant.ofEpochMilli(snapshot.takenAtMillis()),
                Instant.ofEpochMilli(snapshot.sinceMillis()),
                denials.windowSeconds(),
                all(denials).map(Documents::nlb).toList(),
                new NlbsDocument.TrackedSources(
                        denials.trackedSources(),
                        denials.trackedSourcesLimit(),
                        denials.evictedForCapacity(),
                        denials.evictedIdle()),
                log(snapshot),
                new NlbsDocument.CheckpointState(
                        time(snapshot.checkpoint().durableAtMillis()),
                        snapshot.checkpoint().failures(),
                        snapshot.checkpoint().stateLost()));
    }

    /** All load balancers of a snapshot, including {@code other}. */
    private static Stream<LoadBalancerDenials> all(DenialSnapshot denials) {
        return Stream.concat(denials.loadBalancers().stream(), Stream.of(denials.other()));
    }

    private static NlbsDocument.CountedLoadBalancer nlb(LoadBalancerDenials nlb) {
        return new NlbsDocument.CountedLoadBalancer(
                nlb.nlb(),
                nlb.namespace(),
                nlb.service(),
                nlb.packets(),
                nlb.bytes(),
                nlb.latePackets(),
                nlb.sources(),
                nlb.totals().stream()
                        .map(total -> new NlbsDocument.Total(
                                total.namespace(),
                                total.service(),
                                total.transport().label(),
                                new NlbsDocument.ExposedPort(SnapshotCollector.exposedPort(total.port())),
                                total.packets(),
                                total.bytes()))
                        .toList(),
                nlb.topPorts().stream()
                        .map(count -> new NlbsDocument.TopPort(
                                count.port() < 0 ? null : count.port(),
                                count.transport().label(),
                                count.packets()))
                        .toList());
    }

    private static NlbsDocument.Log log(IngestSnapshot snapshot) {
        TailSnapshot tail = snapshot.tail();
        return new NlbsDocument.Log(
                snapshot.sourceKind(),
                snapshot.sourcePath(),
                tail.readable(),
                tail.problem(),
                tail.unreadBytes(),
                tail.readBytes(),
                time(tail.lastLineMillis()),
                snapshot.catchingUp(),
                snapshot.timestampOffsetSeconds(),
                new TreeMap<>(snapshot.lines()),
                new TreeMap<>(snapshot.malformed()),
                new TreeMap<>(snapshot.suppressed()),
                new TreeMap<>(Map.of("renamed", tail.renamed(), "truncated", tail.truncated())),
                new TreeMap<>(tail.readErrors()),
                new TreeMap<>(tail.gaps()),
                tail.nulBytes(),
                tail.partialLinesDiscarded(),
                tail.drainingFiles(),
                tail.kmsgLostRecords());
    }

    /** A time, or null for what has not happened yet. */
    private static @Nullable Instant time(long unixMillis) {
        return unixMillis > 0 ? Instant.ofEpochMilli(unixMillis) : null;
    }

    /**
     * The sources of one load balancer.
     *
     * @param answers the sources with an established connection
     * @param now the current time; blocks that have ended are left out
     */
    static SourcesDocument sources(
            IngestSnapshot snapshot,
            LoadBalancerDenials nlb,
            List<EstablishedSource> answers,
            BlocklistStatus blocklist,
            Enforcement enforcement,
            Instant now) {
        NavigableSet<Ip> answered = new TreeSet<>();
        answers.forEach(answer -> answered.add(answer.source().network()));
        return new SourcesDocument(
                Instant.ofEpochMilli(snapshot.takenAtMillis()),
                nlb.nlb(),
                snapshot.denials().windowSeconds(),
                blocklist.mode().label(),
                enforcement.label(),
                nlb.topSources().stream()
                        .map(source -> new SourcesDocument.RankedSource(
                                source.block().compact(),
                                source.packets(),
                                source.atMost(),
                                Instant.ofEpochSecond(source.firstSeenSeconds()),
                                Instant.ofEpochSecond(source.lastSeenSeconds()),
                                isAnswered(source, answered),
                                block(source.block(), blocklist, now)))
                        .toList());
    }

    /** Whether this source's range contains an established source, whose own range may be narrower. */
    private static boolean isAnswered(SourceCount source, NavigableSet<Ip> answered) {
        Ip next = answered.ceiling(source.source());
        return next != null && new IpPrefix(source.source(), source.prefixLength()).contains(next.high(), next.low());
    }

    /** The block that covers a source, or a part of it. Manual blocks come first, because they apply on all nodes. */
    private static SourcesDocument.@Nullable ActiveBlock block(
            IpPrefix source, BlocklistStatus blocklist, Instant now) {
        for (ManualEntry entry : blocklist.manual().entries()) {
            if (entry.source().overlaps(source) && now.isBefore(entry.until())) {
                return new SourcesDocument.ActiveBlock(null, entry.at(), entry.until(), null);
            }
        }
        for (BlockEntry entry : blocklist.wanted().entries().values()) {
            if (entry.source().overlaps(source) && !entry.isOver(now)) {
                return new SourcesDocument.ActiveBlock(
                        entry.rule(),
                        entry.at(),
                        entry.until(),
                        entry.evidence().ports());
            }
        }
        return null;
    }

    /** The blocklist. */
    static BlocklistDocument blocklist(
            BlocklistStatus status,
            Enforcement enforcement,
            EstablishedSources answers,
            StoppedSources stopped,
            Instant now) {
        return new BlocklistDocument(
                status.mode().label(),
                enforcement.label(),
                status.breakerOpen(),
                status.problem(),
                time(status.lastSyncMillis()),
                new BlocklistDocument.Limits(status.entriesLimit()),
                counts(status, enforcement, answers),
                promotions(status.promotions()),
                mapped(status.rules(), Documents::rule),
                mapped(status.wanted().entries().values(), entry -> entry(entry, null)),
                mapped(status.wanted().priorBlocks().values(), Documents::repeat),
                mapped(
                        status.manual().entries(),
                        entry -> new BlocklistDocument.ManualBlock(
                                entry.source().compact(), entry.at(), entry.until(), entry.reason(), entry.by())),
                mapped(status.manual().exemptions(), BlocklistDocument.ExemptAddresses::of),
                answers.validAt(now).stream()
                        .limit(ANSWERED_MAX)
                        .map(Documents::answered)
                        .toList(),
                mapped(stopped.all(), BlocklistDocument.Stopped::of));
    }

    private static BlocklistDocument.Counts counts(
            BlocklistStatus status, Enforcement enforcement, EstablishedSources answers) {
        return new BlocklistDocument.Counts(
                status.wanted().entries().size(),
                status.storedEntries(),
                enforcement == Enforcement.ACTIVE ? status.storedEntries() : 0,
                status.overdueEntries(),
                status.expirations(),
                status.displacements(),
                status.repairs(),
                status.missedDetections(),
                status.evicted().sources() + status.evicted().windows(),
                answers.forgotten());
    }

    private static SortedMap<String, SortedMap<String, Long>> promotions(Map<RuleOutcome, Long> promotions) {
        SortedMap<String, SortedMap<String, Long>> byRule = new TreeMap<>();
        promotions.forEach((of, count) -> byRule.computeIfAbsent(of.rule(), _ -> new TreeMap<>())
                .put(of.outcome().label(), count));
        return byRule;
    }

    /** A view: the blocklist is large, so its entries become documents one by one, while they are written. */
    private static <T, D> Collection<D> mapped(Collection<T> elements, Function<? super T, ? extends D> document) {
        return new AbstractCollection<>() {
            @Override
            public Iterator<D> iterator() {
                return elements.stream().<D>map(document).iterator();
            }

            @Override
            public int size() {
                return elements.size();
            }
        };
    }

    private static BlocklistDocument.Threshold rule(DetectionRule rule) {
        return new BlocklistDocument.Threshold(
                rule.name(),
                rule.measure().label(),
                rule.threshold(),
                rule.withinSeconds(),
                EnumSet.copyOf(rule.protocols()).stream().map(Transport::label).toList(), // in the order of the enum
                rule.blockFor().toSeconds(),
                rule.maxBlock().toSeconds(),
                rule.isOfSubnets() ? rule.subnets().ipv4() : null,
                rule.isOfSubnets() ? rule.subnets().ipv6() : null,
                rule.scope() instanceof RuleScope.ClusterScope ? rule.scope().label() : "",
                rule.scope() instanceof RuleScope.ClusterScope cluster ? cluster.nodesMin() : 0);
    }

    private static BlocklistDocument.BlockedSource entry(BlockEntry entry, @Nullable String line) {
        return new BlocklistDocument.BlockedSource(
                entry.source().compact(),
                entry.at(),
                entry.until(),
                entry.rule(),
                entry.priorBlocks(),
                BlocklistDocument.EvidenceSample.of(entry.evidence(), line));
    }

    private static BlocklistDocument.Repeat repeat(PriorBlock repeat) {
        return new BlocklistDocument.Repeat(repeat.source().compact(), repeat.times(), repeat.forgetAt());
    }

    private static BlocklistDocument.Answered answered(EstablishedSource answer) {
        return new BlocklistDocument.Answered(answer.source().compact(), answer.at());
    }

    /**
     * What is known of one source.
     *
     * @param asked an address, or a range of addresses
     * @param denials the counts; null while they may be lower than those shown before
     */
    static SourceDocument source(
            String node,
            IpPrefix asked,
            BlocklistStatus status,
            Enforcement enforcement,
            EstablishedSources answers,
            @Nullable DenialSnapshot denials,
            StoppedSources stopped,
            Instant now) {
        return new SourceDocument(
                node,
                status.mode().label(),
                enforcement.label(),
                status.breakerOpen(),
                status.problem(),
                status.rules().stream().map(Documents::rule).toList(),
                status.wanted().entries().values().stream()
                        .filter(entry -> asked.overlaps(entry.source()))
                        .map(entry -> entry(entry, entry.evidence().line()))
                        .toList(),
                status.wanted().priorBlocks().values().stream()
                        .filter(repeat -> asked.overlaps(repeat.source()))
                        .map(Documents::repeat)
                        .toList(),
                answers.validAt(now).stream()
                        .filter(answer -> asked.overlaps(answer.source()))
                        .limit(ANSWERED_MAX)
                        .map(Documents::answered)
                        .toList(),
                status.decisions().stream()
                        .filter(recent -> asked.overlaps(recent.decision().source()))
                        .map(Documents::decision)
                        .toList(),
                (denials == null ? Stream.<LoadBalancerDenials>empty() : all(denials))
                        .flatMap(nlb -> nlb.topSources().stream()
                                .filter(source -> asked.overlaps(source.block()))
                                .map(source -> traffic(nlb.nlb(), source)))
                        .toList(),
                stopped.all().stream()
                        .filter(one -> asked.overlaps(one.source()))
                        .map(BlocklistDocument.Stopped::of)
                        .toList());
    }

    private static SourceDocument.RecordedDecision decision(RecentDecision recent) {
        return switch (recent.decision()) {
            case Decision.Blocked(BlockEntry entry, Detection _) ->
                decision(recent, DecisionDocument.BLOCKED, entry, null, null, false);
            case Decision.Refused refused ->
                new SourceDocument.RecordedDecision(
                        recent.at(),
                        DecisionDocument.REFUSED,
                        refused.source().compact(),
                        null,
                        null,
                        refused.detection().rule().name(),
                        null,
                        refused.outcome().label(),
                        refused.by() == null ? null : refused.by().addresses().toString(),
                        refused.by() == null ? null : refused.by().reason(),
                        BlocklistDocument.EvidenceSample.of(
                                refused.detection().evidence(),
                                refused.detection().evidence().line()));
            case Decision.Expired(BlockEntry entry) ->
                decision(recent, DecisionDocument.UNBLOCKED, entry, DecisionDocument.EXPIRED, null, true);
            case Decision.Displaced(BlockEntry entry, Detection _) ->
                decision(recent, DecisionDocument.UNBLOCKED, entry, DecisionDocument.DISPLACED, null, true);
            case Decision.Revoked(BlockEntry entry, Range by) ->
                decision(recent, DecisionDocument.UNBLOCKED, entry, DecisionDocument.NEVER_BLOCK, by, true);
        };
    }

    private static SourceDocument.RecordedDecision decision(
            RecentDecision recent,
            String what,
            BlockEntry entry,
            @Nullable String because,
            @Nullable Range by,
            boolean withEvidence) {
        return new SourceDocument.RecordedDecision(
                recent.at(),
                what,
                entry.source().compact(),
                entry.at(),
                entry.until(),
                entry.rule(),
                entry.priorBlocks(),
                because,
                by == null ? null : by.addresses().toString(),
                by == null ? null : by.reason(),
                withEvidence
                        ? BlocklistDocument.EvidenceSample.of(
                                entry.evidence(), entry.evidence().line())
                        : null);
    }

    private static SourceDocument.CountedTraffic traffic(String nlb, SourceCount source) {
        return new SourceDocument.CountedTraffic(
                nlb,
                source.block().compact(),
                source.packets(),
                source.atMost(),
                Instant.ofEpochSecond(source.firstSeenSeconds()),
                Instant.ofEpochSecond(source.lastSeenSeconds()));
    }
}
