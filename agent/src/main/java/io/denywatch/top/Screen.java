package io.denywatch.top;

import io.denywatch.process.Quantities;
import io.denywatch.process.Spans;
import io.denywatch.top.AgentPage.BlockEffect;
import io.denywatch.top.ClusterPage.MergedLoadBalancer;
import io.denywatch.top.ClusterPage.MergedSource;
import io.denywatch.top.StyledLine.Look;
import io.denywatch.top.Table.Cell;
import io.denywatch.top.Table.Column;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Lays out a frame in lines that fit the terminal. */
public final class Screen {
    private static final List<Column> NLB_COLUMNS = List.of(
            new Column("LOAD BALANCER", false, 0),
            new Column("RATE/S", true, 0),
            new Column("PACKETS", true, 0),
            new Column("BYTES", true, 2),
            new Column("SOURCES", true, 1),
            new Column("ADDRESS", false, 4),
            new Column("TREND", false, 3));
    private static final List<Column> SOURCE_COLUMNS = List.of(
            new Column("SOURCE", false, 0),
            new Column("PACKETS", true, 0),
            new Column("AT", false, 3),
            new Column("FIRST SEEN", true, 4),
            new Column("LAST SEEN", true, 2),
            new Column("BLOCKED?", false, 1));
    private static final String BARS = "▁▂▃▄▅▆▇█";
    private static final String ASCII_BARS = "_.:-=+*#";
    private static final int TREND_CELLS = 16;
    private static final int TABLE_ROWS_MIN = 3;

    private static final List<String> HELP = List.of(
            "q, Ctrl-C      quit",
            "s, S           sort by the next or previous column; arrow keys right and left do the same",
            "1 to 9         show only that load balancer",
            "up, down       choose one; Enter shows it",
            "Esc, 0         show all load balancers",
            "?              show or hide this help",
            "",
            "RATE/S         denied packets per second over the last 10 s, without late packets",
            "PACKETS, BYTES since the agents began to count",
            "SOURCES        distinct sources in the last 10 min. Each agent counts its own, so for several agents",
            "               the true number is in the range shown",
            ">=5, 5-9       packets of a source: agents list only their noisiest sources, so it may have sent more");

    private final Frame shown;
    private final ViewState view;
    private final int width;
    private final boolean ascii;

    private Screen(Frame shown, ViewState view, int width, boolean ascii) {
        this.shown = shown;
        this.view = view;
        this.width = width;
        this.ascii = ascii;
    }

    /**
     * All lines.
     *
     * @param width maximum length of a line, in cells
     * @param height maximum number of lines; {@link Integer#MAX_VALUE} for no limit
     * @param ascii whether the terminal shows only ASCII
     */
    public static List<StyledLine> lines(Frame shown, ViewState view, int width, int height, boolean ascii) {
        Screen screen = new Screen(shown, view, width, ascii);
        List<StyledLine> lines = new ArrayList<>(ScreenHeader.lines(shown, view, width));
        lines.add(new StyledLine());
        if (view.help()) {
            HELP.forEach(text -> lines.add(new StyledLine().add(text)));
        } else {
            screen.tables(lines, height - lines.size());
        }
        return lines.stream().limit(height).map(line -> line.cut(width)).toList();
    }

    private void tables(List<StyledLine> lines, int height) {
        List<MergedLoadBalancer> nlbs = shown.nlbs(view).stream()
                .filter(nlb -> view.nlb().isEmpty() || view.nlb().equals(nlb.nlb()))
                .toList();
        boolean current = view.nlb().isEmpty() || shown.page().asked().equals(Set.of(view.nlb()));
        List<MergedSource> sources = current ? shown.page().sources() : List.of();
        int rows = Math.max(2 * TABLE_ROWS_MIN, height - 5); // headings, a blank line, the notes about sources
        int nlbRows = Math.min(Math.min(view.rowsMax(), nlbs.size()), Math.max(rows / 2, rows - sources.size()));
        int sourceRows = Math.min(Math.min(view.rowsMax(), sources.size()), rows - nlbRows);
        if (nlbs.isEmpty()) {
            lines.add(new StyledLine()
                    .add(
                            view.nlb().isEmpty()
                                    ? "No load balancer is known yet."
                                    : "No packet has been counted for " + view.nlb() + "."));
        } else {
            lines.addAll(nlbTable(nlbs.subList(0, nlbRows)));
            more(lines, nlbs.size() - nlbRows, "load balancer");
        }
        lines.add(new StyledLine());
        lines.add(new StyledLine().add(Look.QUIET, "Top sources of 10 min" + where() + ". Addresses can be forged."));
        if (sources.isEmpty()) {
            lines.add(new StyledLine().add(current ? "No source in the last 10 min." : "Asking."));
        } else {
            lines.addAll(sourceTable(sources.subList(0, sourceRows)));
        }
        if (shown.page().unlistedAtMost() > 0 && !sources.isEmpty()) {
            long most = shown.page().unlistedAtMost();
            lines.add(new StyledLine()
                    .add(
                            Look.QUIET,
                            most == ClusterPage.UNKNOWN
                                    ? "Unlisted sources: no upper bound is known."
                                    : "Unlisted sources: at most " + Quantities.count(most, "packet") + " each."));
        }
    }

    private static void more(List<StyledLine> lines, int hidden, String thing) {
        if (hidden > 0) {
            lines.add(new StyledLine().add(Look.QUIET, "and " + Quantities.count(hidden, "more " + thing)));
        }
    }

    private String where() {
        if (!view.nlb().isEmpty()) {
            return " at " + view.nlb();
        }
        long all = shown.page().nlbs().stream()
                .filter(nlb -> nlb.sourcesAtMost() > 0)
                .count();
        int asked = shown.page().asked().size();
        return asked < all ? " at the " + Quantities.count(asked, "busiest load balancer") : "";
    }

    private List<StyledLine> nlbTable(List<MergedLoadBalancer> nlbs) {
        List<List<Cell>> rows = new ArrayList<>();
        for (int i = 0; i < nlbs.size(); i++) {
            MergedLoadBalancer nlb = nlbs.get(i);
            double rate = shown.rates().at(nlb.nlb());
            Look look = rate > 0 ? Look.PLAIN : Look.QUIET;
            String mark = i == view.cursor() && view.nlb().isEmpty() ? ">" : i < 9 ? Integer.toString(i + 1) : " ";
            rows.add(List.of(
                    new Cell(mark.equals(">") ? Look.CHOSEN : look, mark + " " + nlb.name()),
                    new Cell(rate > 0 ? Look.TITLE : look, rate < 0 ? "-" : Quantities.perSecond(rate)),
                    new Cell(look, Quantities.number(nlb.packets())),
                    new Cell(look, Quantities.bytes(nlb.bytes())),
                    new Cell(look, sources(nlb)),
                    new Cell(look, nlb.service().isEmpty() ? "" : nlb.nlb()),
                    new Cell(look, trend(shown.rates().trends().getOrDefault(nlb.nlb(), List.of())))));
        }
        return new Table(NLB_COLUMNS.stream().map(this::marked).toList(), rows).lines(width);
    }

    /** Marks the column by which rows are sorted. */
    private Column marked(Column column) {
        String title = switch (view.sort()) {
            case RATE -> "RATE/S";
            case PACKETS -> "PACKETS";
            case BYTES -> "BYTES";
            case SOURCES -> "SOURCES";
            case NAME -> "LOAD BALANCER";
        };
        return column.title().equals(title) ? new Column("*" + title, column.right(), column.rank()) : column;
    }

    private static String sources(MergedLoadBalancer nlb) {
        String about = nlb.estimated() ? "~" : "";
        return nlb.sourcesAtLeast() == nlb.sourcesAtMost()
                ? about + Quantities.number(nlb.sourcesAtLeast())
                : about + Quantities.number(nlb.sourcesAtLeast()) + "-" + Quantities.number(nlb.sourcesAtMost());
    }

    /** A bar for each rate; empty if there is only one, which shows no trend. */
    private String trend(List<Double> rates) {
        if (rates.size() < 2) {
            return "";
        }
        List<Double> latest = rates.subList(Math.max(0, rates.size() - TREND_CELLS), rates.size());
        double most = latest.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        String bars = ascii ? ASCII_BARS : BARS;
        return latest.stream()
                .map(rate -> most == 0 ? 0 : (int) Math.round(rate / most * (bars.length() - 1)))
                .map(bar -> bars.substring(bar, bar + 1))
                .collect(Collectors.joining());
    }

    private List<StyledLine> sourceTable(List<MergedSource> sources) {
        List<List<Cell>> rows = new ArrayList<>();
        for (MergedSource source : sources) {
            rows.add(List.of(
                    Cell.of(source.source()),
                    Cell.of(packets(source)),
                    Cell.of(name(source.nlbs().first())
                            + (source.nlbs().size() > 1
                                    ? " and " + (source.nlbs().size() - 1) + " more"
                                    : "")),
                    Cell.of(Spans.ago(source.firstSeen(), shown.at())),
                    Cell.of(Spans.ago(source.lastSeen(), shown.at())),
                    standing(source)));
        }
        return new Table(SOURCE_COLUMNS, rows).lines(width);
    }

    private String name(String nlb) {
        return shown.page().nlbs().stream()
                .filter(known -> known.nlb().equals(nlb))
                .map(MergedLoadBalancer::name)
                .findFirst()
                .orElse(nlb);
    }

    private static String packets(MergedSource source) {
        if (source.atMost() == source.packets()) {
            return Quantities.number(source.packets());
        }
        return source.atMost() == ClusterPage.UNKNOWN
                ? ">=" + Quantities.number(source.packets())
                : Quantities.number(source.packets()) + "-" + Quantities.number(source.atMost());
    }

    private Cell standing(MergedSource source) {
        return source.block()
                .map(block -> new Cell(
                        block.effect() == BlockEffect.ENFORCED ? Look.BAD : Look.WARN,
                        switch (block.effect()) {
                                    case NONE -> "would be, ";
                                    case STORED -> "not enforced, ";
                                    case ENFORCED -> "";
                                }
                                + Spans.brief(Duration.between(shown.at(), block.until())) + " by "
                                + (block.rule().isEmpty() ? "hand" : block.rule())))
                .orElse(Cell.of(source.answered() ? "established" : "no"));
    }
}
