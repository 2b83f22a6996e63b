package io.denywatch.doctor;

import io.denywatch.api.FindingsDocument;
import io.denywatch.process.PrintableText;
import java.util.List;

/**
 * What a check found out.
 *
 * @param kind its row in the table of findings
 * @param what was found, with the values; one line
 * @param why it matters; empty where all is well
 * @param remedy what to do about it; empty where all is well
 * @param caveats what it depends on, or leaves out; one sentence each
 */
public record Finding(FindingKind kind, String what, String why, String remedy, List<String> caveats) {
    /** Copies the list. */
    public Finding {
        caveats = List.copyOf(caveats);
    }

    /** The same with caveats, of which some hold names that come from a cluster. */
    Finding with(List<String> others) {
        return new Finding(
                kind,
                what,
                why,
                remedy,
                others.stream().map(PrintableText::line).toList());
    }

    /** The stable name: {@code log-missing}. */
    public String id() {
        return kind.id();
    }

    /** How bad it is. */
    public Severity severity() {
        return kind.severity();
    }

    /** What was found, and what it depends on, in one line. */
    public String whole() {
        return caveats.isEmpty() ? what : what + " (" + String.join(" ", caveats) + ")";
    }

    FindingsDocument.ListedFinding document() {
        return new FindingsDocument.ListedFinding(id(), severity().label(), what, why, remedy, caveats);
    }
}
