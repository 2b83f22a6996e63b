package io.denywatch.top;

import io.denywatch.api.TopDocument;
import io.denywatch.process.PrintableText;
import io.denywatch.top.AgentPage.AgentBlock;
import io.denywatch.top.AgentPage.BlockEffect;
import io.denywatch.top.ClusterPage.MergedLoadBalancer;
import io.denywatch.top.ClusterPage.MergedSource;
import io.denywatch.top.ClusterPage.NodeRemark;
import io.denywatch.top.ClusterPage.Since;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Creates the document of a frame. Texts from agents go through {@link PrintableText}, because a terminal may show the
 * JSON.
 */
final class TopDocuments {
    private TopDocuments() {}

    /** The document of a frame. */
    static TopDocument of(Frame shown, ViewState view) {
        ClusterPage page = shown.page();
        return new TopDocument(
                shown.at(),
                new TopDocument.AgentNumbers(
                        shown.agents(),
                        shown.answering(),
                        texts(page.nodes()),
                        texts(page.versions()),
                        shown.silent().stream()
                                .map(silent -> new TopDocument.UnreachableAgent(
                                        PrintableText.cells(silent.name()),
                                        PrintableText.cells(silent.problem()),
                                        silent.lastAnswer().orElse(null)))
                                .toList()),
                shown.losses().isEmpty(),
                page.since().map(Since::first).orElse(null),
                page.since().map(Since::last).orElse(null),
                remarks(shown.losses()),
                remarks(page.troubles()),
                new TopDocument.LineTotals(
                        page.lines().read(),
                        page.lines().packets(),
                        page.lines().malformed(),
                        page.lines().unrecognized()),
                shown.nlbs(view).stream()
                        .filter(nlb -> view.nlb().isEmpty() || view.nlb().equals(nlb.nlb()))
                        .limit(view.rowsMax())
                        .map(nlb -> nlb(nlb, shown.rates().at(nlb.nlb())))
                        .toList(),
                page.sources().stream()
                        .limit(view.rowsMax())
                        .map(TopDocuments::source)
                        .toList(),
                bound(page.unlistedAtMost()),
                blocklist(page.blocklist()),
                page.findings().stream()
                        .map(finding -> new TopDocument.ClusterProblem(
                                PrintableText.cells(finding.severity()),
                                PrintableText.cells(finding.id()),
                                PrintableText.cells(finding.what())))
                        .toList());
    }

    private static TopDocument.LoadBalancerRow nlb(MergedLoadBalancer nlb, double rate) {
        return new TopDocument.LoadBalancerRow(
                PrintableText.cells(nlb.nlb()),
                PrintableText.cells(nlb.namespace()),
                PrintableText.cells(nlb.service()),
                rate < 0 ? null : Math.round(rate * 100) / 100.0,
                nlb.packets(),
                nlb.bytes(),
                nlb.latePackets(),
                nlb.sourcesAtLeast(),
                nlb.sourcesAtMost(),
                nlb.estimated());
    }

    private static TopDocument.SourceRow source(MergedSource source) {
        return new TopDocument.SourceRow(
                PrintableText.cells(source.source()),
                source.packets(),
                bound(source.atMost()),
                texts(source.nlbs()),
                source.firstSeen(),
                source.lastSeen(),
                source.answered(),
                source.block().map(TopDocuments::block).orElse(null));
    }

    private static TopDocument.SourceBlock block(AgentBlock block) {
        return new TopDocument.SourceBlock(
                block.rule().isEmpty() ? null : PrintableText.cells(block.rule()),
                block.until(),
                block.effect() == BlockEffect.ENFORCED,
                block.effect() != BlockEffect.NONE);
    }

    private static TopDocument.BlocklistTotals blocklist(ClusterPage.ClusterBlocklist list) {
        return new TopDocument.BlocklistTotals(
                texts(list.modes()), list.blocked(), list.stored(), list.wouldBe(), remarks(list.problems()));
    }

    private static List<TopDocument.NodeNote> remarks(List<NodeRemark> remarks) {
        return remarks.stream()
                .map(remark -> new TopDocument.NodeNote(
                        PrintableText.cells(remark.node()), PrintableText.cells(remark.text())))
                .toList();
    }

    private static List<String> texts(Collection<String> texts) {
        return texts.stream().map(PrintableText::cells).toList();
    }

    private static @Nullable Long bound(long bound) {
        return bound == ClusterPage.UNKNOWN ? null : bound;
    }
}
