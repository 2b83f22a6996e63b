package io.denywatch.doctor;

import io.denywatch.api.FindingsDocument;
import io.denywatch.process.PrintableText;
import java.util.List;
import java.util.Locale;

/**
 * What a check found out.
 *
 * @param id the stable name of what it is about, in lower case with hyphens
 * @param severity how bad it is
 * @param what was found, with the values; one line
 * @param why it matters; empty where all is well
 * @param remedy what to do about it; empty where all is well
 * @param caveats what it depends on, or leaves out; one sentence each
 */
public record Finding(String id, Severity severity, String what, String why, String remedy, List<String> caveats) {
    /** Copies the list. */
    public Finding {
        caveats = List.copyOf(caveats);
    }

    /** One without caveats. */
    public Finding(String id, Severity severity, String what, String why, String remedy) {
        this(id, severity, what, why, remedy, List.of());
    }

    /** The same with caveats, of which some hold names that come from a cluster. */
    Finding with(List<String> others) {
        return new Finding(
                id,
                severity,
                what,
                why,
                remedy,
                others.stream().map(PrintableText::line).toList());
    }

    /** What was found, and what it depends on, in one line. */
    public String whole() {
        return caveats.isEmpty() ? what : what + " (" + String.join(" ", caveats) + ")";
    }

    /** The stable name of one of a table's entries. */
    static String id(Enum<?> entry) {
        return entry.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The same with values of which some come from files or from a cluster: what would steer a terminal is a question mark. */
    static Finding of(Enum<?> entry, Severity severity, String what, String why, String remedy) {
        return new Finding(id(entry), severity, PrintableText.line(what), why, remedy);
    }

    FindingsDocument.Finding document() {
        return new FindingsDocument.Finding(id, severity.label(), what, why, remedy, caveats);
    }
}
