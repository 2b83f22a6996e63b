package io.denywatch.process;

import java.util.ArrayList;
import java.util.List;

/** A table for people: columns as wide as their widest text, two spaces between them. */
public final class Columns {
    private Columns() {}

    /**
     * The table; lines end with a newline.
     *
     * @param rows each with as many columns as the head; foreign text is made printable and stays on one line
     */
    public static String of(List<String> head, List<List<String>> rows) {
        List<List<String>> table = new ArrayList<>();
        table.add(head);
        rows.forEach(row -> table.add(row.stream().map(PrintableText::line).toList()));
        StringBuilder text = new StringBuilder();
        for (List<String> row : table) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < head.size(); column++) {
                int at = column;
                int width =
                        table.stream().mapToInt(r -> r.get(at).length()).max().orElse(0);
                line.append(row.get(column)).repeat(' ', width - row.get(column).length() + 2);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
