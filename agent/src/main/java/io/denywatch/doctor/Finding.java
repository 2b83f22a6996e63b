package io.denywatch.doctor;

import io.denywatch.api.FindingsDocument;
import io.denywatch.process.PrintableText;
import java.util.List;

/**
 * A result of a check.
 *
 * @param kind its row in the table of findings
 * @param what the facts, with their values, in one line
 * @param why it matters; empty if all is well
 * @param remedy what to do; empty if all is well
 * @param caveats what the finding depends on or leaves out, one sentence each
 */
public record Finding(FindingKind kind, String what, String why, String remedy, List<String> caveats) {
    /** Copies the list. */
    public Finding {
        caveats = List.copyOf(caveats);
    }

    /**
     * The finding with these caveats. A question mark replaces each control and format character in names from a
     * cluster.
     */
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

    /** The finding and its caveats in one line. */
    public String whole() {
        return caveats.isEmpty() ? what : what + " (" + String.join(" ", caveats) + ")";
    }

    FindingsDocument.ListedFinding document() {
        return new FindingsDocument.ListedFinding(id(), severity().label(), what, why, remedy, caveats);
    }
}
