package io.denywatch.top;

import io.denywatch.api.TopDocument;
import io.denywatch.process.PrintableText;
import io.denywatch.top.AgentPage.Ban;
import io.denywatch.top.AgentPage.Effect;
import io.denywatch.top.ClusterPage.Nlb;
import io.denywatch.top.ClusterPage.Remark;
import io.denywatch.top.ClusterPage.Since;
import io.denywatch.top.ClusterPage.Source;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the document of what is to be shown. What agents said passes {@link PrintableText}: a terminal may show the JSON. */
final class TopDocuments {
    private TopDocuments() {}

    /** The document of it. */
    static TopDocument of(Frame shown, ViewState view) {
        ClusterPage page = shown.page();
        return new TopDocument(
                shown.at(),
                new TopDocument.Agents(
                        shown.agents(),
                        shown.answering(),
                        texts(page.nodes()),
                        texts(page.versions()),
                        shown.silent().stream()
                                .map(silent -> new TopDocument.Silent(
                                        PrintableText.cells(silent.name()),
                                        PrintableText.cells(silent.problem()),
                                        silent.lastAnswer().orElse(null)))
                                .toList()),
                shown.losses().isEmpty(),
                page.since().map(Since::first).orElse(null),
                page.since().map(Since::last).orElse(null),
                remarks(shown.losses()),
                remarks(page.troubles()),
                new TopDocument.Lines(
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
                        .map(finding -> new TopDocument.Finding(
                                PrintableText.cells(finding.severity()),
                                PrintableText.cells(finding.id()),
                                PrintableText.cells(finding.what())))
                        .toList());
    }

    private static TopDocument.Nlb nlb(Nlb nlb, double rate) {
        return new TopDocument.Nlb(
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

    private static TopDocument.Source source(Source source) {
        return new TopDocument.Source(
                PrintableText.cells(source.source()),
                source.packets(),
                bound(source.atMost()),
                texts(source.nlbs()),
                source.firstSeen(),
                source.lastSeen(),
                source.answered(),
                source.ban().map(TopDocuments::ban).orElse(null));
    }

    private static TopDocument.Ban ban(Ban ban) {
        return new TopDocument.Ban(
                ban.rule().isEmpty() ? null : PrintableText.cells(ban.rule()),
                ban.until(),
                ban.effect() == Effect.ENFORCED,
                ban.effect() != Effect.NONE);
    }

    private static TopDocument.Blocklist blocklist(ClusterPage.Blocklist list) {
        return new TopDocument.Blocklist(
                texts(list.modes()), list.blocked(), list.stored(), list.wouldBe(), remarks(list.problems()));
    }

    private static List<TopDocument.Remark> remarks(List<Remark> remarks) {
        return remarks.stream()
                .map(remark ->
                        new TopDocument.Remark(PrintableText.cells(remark.node()), PrintableText.cells(remark.text())))
                .toList();
    }

    private static List<String> texts(Collection<String> texts) {
        return texts.stream().map(PrintableText::cells).toList();
    }

    private static @Nullable Long bound(long bound) {
        return bound == ClusterPage.UNKNOWN ? null : bound;
    }
}
