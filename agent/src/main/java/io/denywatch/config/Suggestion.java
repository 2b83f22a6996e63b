package io.denywatch.config;

import java.util.Collection;
import java.util.Comparator;

/** Finds the likely spelling of a mistyped word. Stateless. */
final class Suggestion {
    private Suggestion() {}

    /** The candidate with the fewest edits from the word; the first if several have as few. */
    static String to(String word, Collection<String> candidates) {
        return candidates.stream()
                .min(Comparator.comparingInt(candidate -> edits(word, candidate)))
                .orElseThrow();
    }

    /**
     * The number of insertions, deletions and replacements that turn one word into the other (Levenshtein 1965),
     * computed with two rows of the Wagner-Fischer table.
     */
    static int edits(String from, String to) {
        int[] above = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            above[j] = j;
        }
        int[] row = new int[to.length() + 1];
        for (int i = 1; i <= from.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = above[j - 1] + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(above[j], row[j - 1]) + 1);
            }
            int[] swap = above;
            above = row;
            row = swap;
        }
        return above[to.length()];
    }
}
