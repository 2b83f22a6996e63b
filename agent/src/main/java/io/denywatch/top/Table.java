package io.denywatch.top;

import io.denywatch.top.StyledLine.Look;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** A table that fits a width: it omits empty columns, then less important ones, and then cuts the first one. */
final class Table {
    private static final int GAP = 2;
    private static final int FIRST_MIN = 8;

    private final List<Column> columns;
    private final List<List<Cell>> rows;

    /**
     * A column.
     *
     * @param title the title
     * @param right whether its texts are right-aligned, like numbers
     * @param rank 0 if the column always stays; columns with the highest rank are omitted first
     */
    record Column(String title, boolean right, int rank) {}

    record Cell(Look look, String text) {
        static Cell of(String text) {
            return new Cell(Look.PLAIN, text);
        }
    }

    /** A table whose rows have a cell for each column. */
    Table(List<Column> columns, List<List<Cell>> rows) {
        this.columns = columns;
        this.rows = rows;
    }

    /** The head and a line for each row. */
    List<StyledLine> lines(int width) {
        List<Integer> shown = new ArrayList<>(IntStream.range(0, columns.size())
                .filter(column -> column == 0
                        || rows.stream().anyMatch(row -> !row.get(column).text().isEmpty()))
                .boxed()
                .toList());
        int first = Math.min(width(0), width * 2 / 5);
        while (first + rest(shown) > width
                && shown.stream().anyMatch(column -> columns.get(column).rank() > 0)) {
            int least = shown.stream()
                    .max(Comparator.comparingInt(column -> columns.get(column).rank()))
                    .orElseThrow();
            shown.removeIf(column -> column == least);
        }
        first = Math.max(FIRST_MIN, Math.min(width(0), width - rest(shown)));
        List<StyledLine> lines = new ArrayList<>();
        lines.add(line(
                        shown,
                        first,
                        columns.stream().map(column -> Cell.of(column.title())).toList())
                .all(Look.HEAD));
        for (List<Cell> row : rows) {
            lines.add(line(shown, first, row));
        }
        return lines.stream().map(line -> line.cut(width)).toList();
    }

    /** The total width of the columns after the first, with the gaps before them. */
    private int rest(List<Integer> shown) {
        return shown.stream().skip(1).mapToInt(column -> GAP + width(column)).sum();
    }

    private int width(int column) {
        int widest = columns.get(column).title().length();
        for (List<Cell> row : rows) {
            widest = Math.max(widest, row.get(column).text().length());
        }
        return widest;
    }

    private StyledLine line(List<Integer> shown, int first, List<Cell> row) {
        StyledLine line = new StyledLine();
        for (int column : shown) {
            int width = column == 0 ? first : width(column);
            StyledLine cell = new StyledLine()
                    .add(row.get(column).look(), row.get(column).text())
                    .cut(width);
            String padding = " ".repeat(width - cell.length());
            boolean right = columns.get(column).right();
            line.add((column == 0 ? "" : " ".repeat(GAP)) + (right ? padding : ""));
            line.add(row.get(column).look(), cell.text());
            if (!right) {
                line.add(padding);
            }
        }
        return line;
    }
}
