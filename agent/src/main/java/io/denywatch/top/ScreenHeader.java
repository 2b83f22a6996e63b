package io.denywatch.top;

import io.denywatch.count.Count;
import io.denywatch.process.Quantities;
import io.denywatch.process.Spans;
import io.denywatch.top.ClusterPage.ClusterBlocklist;
import io.denywatch.top.ClusterPage.MergedLoadBalancer;
import io.denywatch.top.ClusterPage.NodeRemark;
import io.denywatch.top.Frame.SilentAgent;
import io.denywatch.top.StyledLine.Look;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The lines above the tables: which agents answer, whether counts can be trusted, and how lines led to blocks. */
final class ScreenHeader {
    /** Maximum number of lines about the same thing; the last one says how many more there are. */
    private static final int REMARKS_MAX = 3;

    private final Frame shown;
    private final int width;

    private ScreenHeader(Frame shown, int width) {
        this.shown = shown;
        this.width = width;
    }

    static List<StyledLine> lines(Frame shown, ViewState view, int width) {
        ScreenHeader header = new ScreenHeader(shown, width);
        List<StyledLine> lines = new ArrayList<>();
        lines.add(header.agents());
        header.silent(lines);
        if (shown.page().nodes().isEmpty()) {
            lines.add(new StyledLine().add("Nothing to show yet."));
            return lines;
        }
        lines.add(header.now(view));
        header.trust(lines);
        header.remarks(lines, Look.WARN, shown.page().troubles());
        header.funnel(lines);
        header.remarks(lines, Look.BAD, shown.page().blocklist().problems());
        header.findings(lines);
        return lines;
    }

    private StyledLine agents() {
        StyledLine line = new StyledLine().add(Look.TITLE, "denywatch");
        line.add("  " + Quantities.number(shown.answering()) + " of " + Quantities.count(shown.agents(), "agent")
                + (shown.agents() == 1 ? " answers" : " answer"));
        List<String> nodes = shown.page().nodes();
        if (nodes.size() == 1) {
            line.add(" (" + nodes.getFirst() + ")");
        }
        if (!nodes.isEmpty()) {
            line.add(", version " + String.join(" and ", shown.page().versions()));
        }
        String time = "  " + Quantities.moment(shown.at());
        return line.length() + time.length() <= width ? line.add(Look.QUIET, time) : line;
    }

    private void silent(List<StyledLine> lines) {
        if (!shown.problem().isEmpty()) {
            lines.add(new StyledLine().add(Look.BAD, "STALE").add(" " + shown.problem()));
        }
        for (SilentAgent silent : shown.silent().stream().limit(REMARKS_MAX).toList()) {
            lines.add(new StyledLine()
                    .add(Look.BAD, "STALE")
                    .add(" " + silent.name() + ": "
                            + silent.lastAnswer()
                                    .map(at -> "counts of " + Spans.ago(at, shown.at()) + ", ")
                                    .orElse("counts missing, ")
                            + silent.problem()));
        }
        if (shown.silent().size() > REMARKS_MAX) {
            lines.add(new StyledLine()
                    .add(Look.BAD, "STALE")
                    .add(" also "
                            + shown.silent().stream()
                                    .skip(REMARKS_MAX)
                                    .map(SilentAgent::name)
                                    .collect(Collectors.joining(", "))));
        }
    }

    private StyledLine now(ViewState view) {
        double rate =
                view.nlb().isEmpty() ? shown.rates().total() : shown.rates().at(view.nlb());
        if (rate < 0) {
            return new StyledLine().add("Measuring what is denied now");
        }
        if (rate == 0) {
            return new StyledLine().add(Look.GOOD, "Quiet").add(": no packets denied in the last 10 s");
        }
        long busy = shown.page().nlbs().stream()
                .filter(nlb -> shown.rates().at(nlb.nlb()) > 0)
                .count();
        return new StyledLine()
                .add(Look.TITLE, Quantities.perSecond(rate))
                .add(" denied packets per second at "
                        + (view.nlb().isEmpty() ? Quantities.count(busy, "load balancer") : view.nlb()));
    }

    private void trust(List<StyledLine> lines) {
        List<NodeRemark> losses = shown.losses();
        String since = shown.page()
                .since()
                .map(times -> " since " + Quantities.moment(times.first())
                        + (times.first().equals(times.last())
                                ? ""
                                : ", of the latest node since " + Quantities.moment(times.last())))
                .orElse("");
        lines.add(
                losses.isEmpty()
                        ? new StyledLine().add(Look.GOOD, "Counts are exact").add(since)
                        : new StyledLine()
                                .add(Look.WARN, "Counts are a lower bound")
                                .add(since + ", because"));
        remarks(lines, Look.PLAIN, losses);
    }

    private void remarks(List<StyledLine> lines, Look look, List<NodeRemark> remarks) {
        boolean several = shown.page().nodes().size() > 1;
        for (NodeRemark remark : remarks.stream().limit(REMARKS_MAX).toList()) {
            lines.add(new StyledLine()
                    .add(
                            look,
                            "  " + (several && !remark.node().isEmpty() ? remark.node() + ": " : "") + remark.text()));
        }
        if (remarks.size() > REMARKS_MAX) {
            lines.add(new StyledLine()
                    .add(look, "  and " + Quantities.count(remarks.size() - REMARKS_MAX, "more reason")));
        }
    }

    /** Includes the lines not counted if there is room; takes two rows if even the rest is too long. */
    private void funnel(List<StyledLine> lines) {
        ClusterPage page = shown.page();
        long elsewhere = page.nlbs().stream()
                .filter(nlb -> nlb.nlb().equals(AgentPage.OTHER))
                .mapToLong(MergedLoadBalancer::packets)
                .reduce(0, Count::sum);
        long repeats = page.packets() - page.lines().packets(); // one line can stand for several packets
        String parsed = "Read " + Quantities.count(page.lines().read(), "line") + " > parsed "
                + Quantities.number(page.lines().packets())
                + (repeats > 0 ? " (+" + Quantities.count(repeats, "repeat") + ")" : "");
        String unrecognized = page.lines().unrecognized() == 0
                ? ""
                : ", " + Quantities.number(page.lines().unrecognized()) + " not recognized";
        String attributed = " > attributed " + Quantities.number(page.packets() - elsewhere);
        StyledLine full = new StyledLine()
                .add(parsed + ", " + Quantities.number(page.lines().malformed()) + " malformed" + unrecognized
                        + attributed + ", " + Quantities.number(elsewhere) + " elsewhere > " + decided());
        StyledLine brief = new StyledLine().add(parsed + attributed + " > " + decided());
        if (full.length() <= width || brief.length() <= width) {
            lines.add(full.length() <= width ? full : brief);
        } else {
            lines.add(new StyledLine().add(parsed));
            lines.add(new StyledLine().add(" " + attributed + " > " + decided()));
        }
    }

    private String decided() {
        ClusterBlocklist list = shown.page().blocklist();
        boolean off = list.modes().stream().allMatch(mode -> mode.equals("off"));
        int listed = list.blocked() + list.stored();
        if (listed == 0 && list.wouldBe() == 0 && off) {
            return "blocklist off";
        }
        if (!list.modes().contains("enforce") && listed == 0) {
            return Quantities.number(list.wouldBe()) + " would be blocked";
        }
        return Quantities.number(list.blocked()) + " blocked"
                + (list.stored() > 0 ? ", " + Quantities.number(list.stored()) + " stored but not enforced" : "")
                + (list.wouldBe() > 0 ? ", " + Quantities.number(list.wouldBe()) + " would be" : "");
    }

    private void findings(List<StyledLine> lines) {
        List<AgentPage.AgentFinding> found = shown.page().findings();
        if (found.isEmpty()) {
            return;
        }
        long errors = found.stream()
                .filter(finding -> finding.severity().equals("error"))
                .count();
        long warnings = found.size() - errors;
        String counts = (errors > 0 ? Quantities.count(errors, "error") : "")
                + (errors > 0 && warnings > 0 ? ", " : "")
                + (warnings > 0 ? Quantities.count(warnings, "warning") : "");
        lines.add(new StyledLine()
                .add(errors > 0 ? Look.BAD : Look.WARN, "Doctor: " + counts)
                .add(": " + found.getFirst().what()));
    }
}
