package io.denywatch.top;

import io.denywatch.top.AgentPage.Effect;
import io.denywatch.top.ClusterPage.Nlb;
import io.denywatch.top.ClusterPage.Remark;
import io.denywatch.top.ClusterPage.Source;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** What is to be shown, for programs. What is not known is {@code null}. */
public final class TopDocument {
    private final JsonGenerator json;

    private TopDocument(JsonGenerator json) {
        this.json = json;
    }

    /** Writes one object. */
    public static void write(JsonGenerator json, Shown shown, View view) {
        new TopDocument(json).write(shown, view);
    }

    private void write(Shown shown, View view) {
        ClusterPage page = shown.page();
        json.writeStartObject();
        time("at", shown.at());
        agents(shown);
        json.writeBooleanProperty("exact", shown.losses().isEmpty());
        page.since().ifPresent(since -> {
            time("since", since.first());
            time("sinceOfLatest", since.last());
        });
        remarks("losses", shown.losses());
        remarks("troubles", page.troubles());
        json.writeObjectPropertyStart("lines");
        json.writeNumberProperty("read", page.lines().read());
        json.writeNumberProperty("packet", page.lines().packets());
        json.writeNumberProperty("malformed", page.lines().malformed());
        json.writeNumberProperty("unrecognized", page.lines().unrecognized());
        json.writeEndObject();
        json.writeArrayPropertyStart("nlbs");
        shown.nlbs(view).stream()
                .filter(nlb -> view.nlb().isEmpty() || view.nlb().equals(nlb.nlb()))
                .limit(view.rowsMax())
                .forEach(nlb -> nlb(nlb, shown.rates().at(nlb.nlb())));
        json.writeEndArray();
        json.writeArrayPropertyStart("sources");
        page.sources().stream().limit(view.rowsMax()).forEach(this::source);
        json.writeEndArray();
        bound("unlistedAtMost", page.unlistedAtMost());
        blocklist(page.blocklist());
        json.writeArrayPropertyStart("findings");
        page.findings().forEach(finding -> {
            json.writeStartObject();
            text("severity", finding.severity());
            text("id", finding.id());
            text("what", finding.what());
            json.writeEndObject();
        });
        json.writeEndArray();
        json.writeEndObject();
    }

    private void agents(Shown shown) {
        json.writeObjectPropertyStart("agents");
        json.writeNumberProperty("known", shown.agents());
        json.writeNumberProperty("answering", shown.answering());
        texts("nodes", shown.page().nodes());
        texts("versions", shown.page().versions());
        json.writeArrayPropertyStart("silent");
        shown.silent().forEach(silent -> {
            json.writeStartObject();
            text("name", silent.name());
            text("problem", silent.problem());
            silent.lastAnswer()
                    .ifPresentOrElse(at -> time("lastAnswer", at), () -> json.writeNullProperty("lastAnswer"));
            json.writeEndObject();
        });
        json.writeEndArray();
        json.writeEndObject();
    }

    private void nlb(Nlb nlb, double rate) {
        json.writeStartObject();
        text("nlb", nlb.nlb());
        text("namespace", nlb.namespace());
        text("service", nlb.service());
        if (rate < 0) {
            json.writeNullProperty("packetsPerSecond");
        } else {
            json.writeNumberProperty("packetsPerSecond", Math.round(rate * 100) / 100.0);
        }
        json.writeNumberProperty("packets", nlb.packets());
        json.writeNumberProperty("bytes", nlb.bytes());
        json.writeNumberProperty("latePackets", nlb.latePackets());
        json.writeNumberProperty("sourcesAtLeast", nlb.sourcesAtLeast());
        json.writeNumberProperty("sourcesAtMost", nlb.sourcesAtMost());
        json.writeBooleanProperty("sourcesEstimated", nlb.estimated());
        json.writeEndObject();
    }

    private void source(Source source) {
        json.writeStartObject();
        text("source", source.source());
        json.writeNumberProperty("packets", source.packets());
        bound("atMost", source.atMost());
        texts("nlbs", source.nlbs());
        time("firstSeen", source.firstSeen());
        time("lastSeen", source.lastSeen());
        json.writeBooleanProperty("answered", source.answered());
        source.ban()
                .ifPresentOrElse(
                        ban -> {
                            json.writeObjectPropertyStart("ban");
                            if (ban.rule().isEmpty()) {
                                json.writeNullProperty("rule"); // people decided it
                            } else {
                                text("rule", ban.rule());
                            }
                            time("until", ban.until());
                            json.writeBooleanProperty("blocked", ban.effect() == Effect.ENFORCED);
                            json.writeBooleanProperty("stored", ban.effect() != Effect.NONE);
                            json.writeEndObject();
                        },
                        () -> json.writeNullProperty("ban"));
        json.writeEndObject();
    }

    private void blocklist(ClusterPage.Blocklist list) {
        json.writeObjectPropertyStart("blocklist");
        texts("modes", list.modes());
        json.writeNumberProperty("blocked", list.blocked());
        json.writeNumberProperty("storedNotEnforced", list.stored());
        json.writeNumberProperty("wouldBeBlocked", list.wouldBe());
        remarks("problems", list.problems());
        json.writeEndObject();
    }

    private void remarks(String name, List<Remark> remarks) {
        json.writeArrayPropertyStart(name);
        remarks.forEach(remark -> {
            json.writeStartObject();
            text("node", remark.node());
            text("text", remark.text());
            json.writeEndObject();
        });
        json.writeEndArray();
    }

    private void texts(String name, Collection<String> texts) {
        json.writeArrayPropertyStart(name);
        texts.forEach(text -> json.writeString(Printable.of(text)));
        json.writeEndArray();
    }

    /** JSON may hold what a terminal would obey. */
    private void text(String name, String text) {
        json.writeStringProperty(name, Printable.of(text));
    }

    private void bound(String name, long bound) {
        if (bound == ClusterPage.UNKNOWN) {
            json.writeNullProperty(name);
        } else {
            json.writeNumberProperty(name, bound);
        }
    }

    private void time(String name, Instant time) {
        json.writeStringProperty(name, time.toString());
    }
}
