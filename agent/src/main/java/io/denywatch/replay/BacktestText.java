package io.denywatch.replay;

import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.TrafficDocument;
import io.denywatch.process.Columns;
import io.denywatch.process.Spans;
import io.denywatch.replay.Backtest.Promotion;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Formats the result of a backtest as text and as a document. */
final class BacktestText {
    /** Maximum number of rows in the text; the document contains all. */
    private static final int ROWS_MAX = 20;

    private BacktestText() {}

    /**
     * The text: sources that would have been blocked, when, by which rule and for how long, and the packets kept out.
     */
    static String of(Backtest.Result result) {
        StringBuilder text = new StringBuilder("\nblocklist: ");
        long promotions = result.promotions().size() + result.promotionsLeftOut();
        if (promotions == 0) {
            text.append("these rules would have blocked no source\n");
        } else {
            text.append(String.format(
                    Locale.ROOT,
                    "with these rules, blocks %,d, at most %,d at a time; packets kept out %,d of %,d%n",
                    promotions,
                    result.entriesPeak(),
                    result.packetsKeptOut(),
                    result.packets()));
            List<List<String>> rows = result.promotions().stream()
                    .limit(ROWS_MAX)
                    .map(BacktestText::row)
                    .toList();
            text.append(Columns.of(List.of("SOURCE", "RULE", "AT", "FOR", "COUNTED", "KEPT OUT"), rows));
            if (promotions > ROWS_MAX) {
                text.append(String.format(Locale.ROOT, "and %,d more%n", promotions - ROWS_MAX));
            }
            subnets(text, result.subnets());
            hints(text, result.promotions());
        }
        if (!result.refusals().isEmpty()) {
            text.append("not blocked, by reason: ");
            text.append(new TreeMap<>(result.refusals())
                    .entrySet().stream()
                            .map(entry -> entry.getKey().label() + " " + entry.getValue())
                            .collect(Collectors.joining(", ")));
            text.append('\n');
        }
        return text.toString();
    }

    /** Who else may be in the subnets. */
    private static void subnets(StringBuilder text, List<Collateral.Subnet> subnets) {
        if (subnets.isEmpty()) {
            return;
        }
        text.append("subnets blocked as a whole; sources in them that were never denied are not in this log\n");
        List<List<String>> rows = subnets.stream()
                .limit(ROWS_MAX)
                .map(subnet -> List.of(
                        subnet.subnet().toString(),
                        Long.toString(subnet.denied()),
                        Long.toString(subnet.addresses()),
                        Long.toString(subnet.established())))
                .toList();
        text.append(Columns.of(List.of("SUBNET", "DENIED SOURCES", "ADDRESSES", "ESTABLISHED"), rows));
        if (subnets.size() > ROWS_MAX) {
            text.append(String.format(Locale.ROOT, "and %,d more%n", subnets.size() - ROWS_MAX));
        }
    }

    /** What else the sources may be, each hint once. */
    private static void hints(StringBuilder text, List<Promotion> promotions) {
        Map<String, String> hints = new LinkedHashMap<>();
        promotions.stream()
                .filter(promotion -> !promotion.evidence().hint().isEmpty())
                .forEach(promotion -> hints.putIfAbsent(
                        promotion.source().compact(), promotion.evidence().hint()));
        hints.entrySet().stream()
                .limit(ROWS_MAX)
                .forEach(hint -> text.append("hint: ")
                        .append(hint.getKey())
                        .append(' ')
                        .append(hint.getValue())
                        .append('\n'));
        if (hints.size() > ROWS_MAX) {
            text.append(String.format(Locale.ROOT, "and hints for %,d more%n", hints.size() - ROWS_MAX));
        }
    }

    private static List<String> row(Promotion promotion) {
        return List.of(
                promotion.source().compact(),
                promotion.rule() + (promotion.priorBlocks() > 0 ? " (repeat " + promotion.priorBlocks() + ")" : ""),
                promotion.at().toString(),
                Spans.rounded(Duration.between(promotion.at(), promotion.until())),
                Integer.toString(promotion.evidence().count()),
                Long.toString(promotion.packetsKeptOut()));
    }

    /** The sources that would have been blocked, for programs. */
    static List<TrafficDocument.WouldBlock> promotions(Backtest.Result result) {
        return result.promotions().stream()
                .map(promotion -> new TrafficDocument.WouldBlock(
                        promotion.source().compact(),
                        promotion.rule(),
                        promotion.at(),
                        promotion.until(),
                        promotion.priorBlocks(),
                        BlocklistDocument.EvidenceSample.of(promotion.evidence()),
                        promotion.packetsKeptOut()))
                .toList();
    }

    /** The totals of the backtest, for programs. */
    static TrafficDocument.BacktestTotals totals(Backtest.Result result) {
        Map<String, Long> refusals = new LinkedHashMap<>();
        new TreeMap<>(result.refusals()).forEach((outcome, count) -> refusals.put(outcome.label(), count));
        return new TrafficDocument.BacktestTotals(
                result.packets(),
                result.packetsKeptOut(),
                result.entriesPeak(),
                result.promotionsLeftOut(),
                refusals,
                result.subnets().stream()
                        .map(subnet -> new TrafficDocument.BlockedSubnet(
                                subnet.subnet().toString(), subnet.denied(), subnet.addresses(), subnet.established()))
                        .toList());
    }
}
