package io.denywatch.top;

import io.denywatch.count.Count;
import io.denywatch.top.AgentPage.AgentFinding;
import io.denywatch.top.AgentPage.AgentLines;
import io.denywatch.top.ClusterPage.ClusterBlocklist;
import io.denywatch.top.ClusterPage.MergedLoadBalancer;
import io.denywatch.top.ClusterPage.MergedSource;
import io.denywatch.top.ClusterPage.NodeRemark;
import io.denywatch.top.ClusterPage.Since;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Merges the reports of several agents.
 *
 * <p>A source that one agent lists may have been seen by others that do not list it. The listed packets are then
 * a lower bound; adding what each other agent may have left out gives an upper bound, see {@link AgentListing}.
 */
final class Aggregator {
    private final List<AgentPage> pages;
    private final SortedSet<String> asked = new TreeSet<>(); // load balancers
    private final List<AgentListing> parts; // of each agent, at each load balancer that was requested from any of them

    private Aggregator(List<AgentPage> pages) {
        this.pages = pages;
        pages.forEach(page -> asked.addAll(page.sources().keySet()));
        parts = pages.stream()
                .flatMap(page -> asked.stream().map(nlb -> AgentListing.of(page, nlb)))
                .toList();
    }

    static ClusterPage of(Collection<AgentPage> pages) {
        Map<String, AgentPage> byCount = new HashMap<>();
        pages.forEach(page ->
                byCount.merge(page.identity(), page, (one, two) -> two.takenAt().isAfter(one.takenAt()) ? two : one));
        return new Aggregator(byCount.values().stream()
                        .sorted(Comparator.comparing(AgentPage::node).thenComparing(AgentPage::since))
                        .toList())
                .merged();
    }

    private ClusterPage merged() {
        return new ClusterPage(
                pages.stream().map(AgentPage::node).toList(),
                new TreeSet<>(pages.stream().map(AgentPage::version).toList()),
                since(),
                pages.stream().map(AgentPage::lines).reduce(AgentLines.NONE, AgentLines::plus),
                nlbs(),
                asked,
                sources(),
                parts.stream().mapToLong(AgentListing::unlistedAtMost).reduce(0, Aggregator::sum),
                remarks(AgentPage::losses),
                remarks(AgentPage::troubles),
                blocklist(),
                findings());
    }

    private Optional<Since> since() {
        List<Instant> times = pages.stream().map(AgentPage::since).sorted().toList();
        return times.isEmpty() ? Optional.empty() : Optional.of(new Since(times.getFirst(), times.getLast()));
    }

    private List<MergedLoadBalancer> nlbs() {
        Map<String, MergedLoadBalancer> merged = new TreeMap<>();
        for (AgentPage page : pages) {
            for (AgentPage.AgentLoadBalancer nlb : page.nlbs()) {
                merged.merge(
                        nlb.nlb(),
                        new MergedLoadBalancer(
                                nlb.nlb(),
                                nlb.namespace(),
                                nlb.service(),
                                nlb.packets(),
                                nlb.bytes(),
                                nlb.latePackets(),
                                nlb.sources(),
                                nlb.sources(),
                                page.evicting()),
                        Aggregator::add);
            }
        }
        return List.copyOf(merged.values());
    }

    private static MergedLoadBalancer add(MergedLoadBalancer one, MergedLoadBalancer two) {
        boolean named = !one.service().isEmpty();
        return new MergedLoadBalancer(
                one.nlb(),
                named ? one.namespace() : two.namespace(),
                named ? one.service() : two.service(),
                Count.sum(one.packets(), two.packets()),
                Count.sum(one.bytes(), two.bytes()),
                Count.sum(one.latePackets(), two.latePackets()),
                Math.max(one.sourcesAtLeast(), two.sourcesAtLeast()),
                Count.sum(one.sourcesAtMost(), two.sourcesAtMost()),
                one.estimated() || two.estimated());
    }

    private List<MergedSource> sources() {
        long bounded = 0;
        int unbounded = 0;
        Map<String, SourceAggregate> sums = new HashMap<>();
        for (AgentListing part : parts) {
            bounded = sum(bounded, part.isBounded() ? part.unlistedAtMost() : 0);
            unbounded += part.isBounded() ? 0 : 1;
            for (AgentPage.AgentSource source : part.listed()) {
                sums.computeIfAbsent(source.source(), SourceAggregate::new).add(part, source);
            }
        }
        List<MergedSource> sources = new ArrayList<>();
        for (SourceAggregate sum : sums.values()) {
            sources.add(sum.toSource(bounded, unbounded));
        }
        sources.sort(Comparator.comparingLong(MergedSource::packets)
                .reversed()
                .thenComparing(Comparator.comparing(MergedSource::lastSeen).reversed())
                .thenComparing(MergedSource::source));
        return sources;
    }

    /** Adds two bounds, one of which may be missing. */
    static long sum(long one, long two) {
        return one == ClusterPage.UNKNOWN || two == ClusterPage.UNKNOWN ? ClusterPage.UNKNOWN : Count.sum(one, two);
    }

    private List<NodeRemark> remarks(Function<AgentPage, List<String>> texts) {
        return pages.stream()
                .flatMap(page -> texts.apply(page).stream().map(text -> new NodeRemark(page.node(), text)))
                .toList();
    }

    private ClusterBlocklist blocklist() {
        Set<String> blocked = new HashSet<>();
        Set<String> stored = new HashSet<>();
        Set<String> wouldBe = new HashSet<>();
        SortedSet<String> modes = new TreeSet<>();
        for (AgentPage page : pages) {
            AgentPage.AgentBlocklist list = page.blocklist();
            Set<String> listed = list.enforced() ? blocked : stored;
            listed.addAll(list.manual());
            (list.mode().equals("enforce") ? listed : wouldBe).addAll(list.wanted());
            if (!list.mode().isEmpty()) {
                modes.add(list.mode());
            }
        }
        stored.removeAll(blocked);
        wouldBe.removeAll(blocked);
        wouldBe.removeAll(stored);
        return new ClusterBlocklist(
                modes,
                blocked.size(),
                stored.size(),
                wouldBe.size(),
                remarks(page -> page.blocklist().problem().isEmpty()
                        ? List.of()
                        : List.of(page.blocklist().problem())));
    }

    /** Findings are the same for all agents, because all of them check the same cluster. */
    private List<AgentFinding> findings() {
        return pages.stream()
                .flatMap(page -> page.findings().stream())
                .distinct()
                .sorted(Comparator.comparing(finding -> !finding.severity().equals("error")))
                .toList();
    }
}
