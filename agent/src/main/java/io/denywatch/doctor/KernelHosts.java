package io.denywatch.doctor;

import io.denywatch.count.Count;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The hosts whose kernels wrote lines of a log. Confined to the reading thread. */
final class KernelHosts {
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|.*:.*");

    private final Map<String, Long> lines = new TreeMap<>();
    private String last = "";
    private int changes;
    private String example = "";

    /** Adds a line; {@code host} is empty if the line names none. */
    void add(String host, String line) {
        String name = name(host);
        if (name.isEmpty()) {
            return;
        }
        lines.merge(name, 1L, Count::sum);
        if (!last.isEmpty() && !last.equals(name)) {
            changes++;
            example = line;
        }
        last = name;
    }

    /** The host without its domain, which not all loggers write. */
    private static String name(String host) {
        int dot = ADDRESS.matcher(host).matches() ? -1 : host.indexOf('.');
        return (dot < 0 ? host : host.substring(0, dot)).toLowerCase(Locale.ROOT);
    }

    /** Whether lines of several hosts alternate. A renamed host has two names as well, but they do not alternate. */
    boolean areSeveral() {
        return changes > 1;
    }

    Map<String, Long> lines() {
        return lines;
    }

    /** A line from another host than the line before it. */
    String example() {
        return example;
    }
}
