package io.denywatch.doctor;

import io.denywatch.api.Enforcement;
import io.denywatch.api.FindingsDocument;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The findings of one check.
 *
 * @param atMillis the time of the check, in Unix milliseconds; 0 before the first one
 * @param findings the worst first, in the order of the checks within a severity
 * @param enforcement whether the blocklist is enforced
 */
public record Diagnosis(long atMillis, List<Finding> findings, Enforcement enforcement) {
    /** Nothing was checked yet. */
    public static final Diagnosis NONE = new Diagnosis(0, List.of());

    /** Sorts the findings. */
    public Diagnosis {
        findings = findings.stream()
                .sorted(Comparator.comparing(Finding::severity).reversed())
                .toList();
    }

    /** A diagnosis without a statement about the blocklist. */
    public Diagnosis(long atMillis, List<Finding> findings) {
        this(atMillis, findings, Enforcement.UNKNOWN);
    }

    /** Findings of one severity. */
    public List<Finding> of(Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .toList();
    }

    /** The document for the API and {@code --output json}. */
    public FindingsDocument document() {
        Map<String, Integer> summary = new LinkedHashMap<>();
        for (Severity severity : Severity.values()) {
            summary.put(severity.label(), of(severity).size());
        }
        return new FindingsDocument(
                checked() ? Instant.ofEpochMilli(atMillis) : null,
                findings.stream().map(Finding::document).toList(),
                summary,
                checked() ? healthy() : null);
    }

    /** Whether anything was checked. */
    public boolean checked() {
        return atMillis > 0;
    }

    /** Whether no finding is an error. */
    public boolean healthy() {
        return of(Severity.ERROR).isEmpty();
    }

    /** The text for a person: problems first, with what to do about them, then the checks without a problem. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Severity severity : List.of(Severity.ERROR, Severity.WARNING, Severity.NOTE, Severity.OK)) {
            List<Finding> findings = of(severity);
            if (!findings.isEmpty()) {
                text.append(heading(severity)).append('\n');
                findings.forEach(finding -> add(text, finding));
                text.append('\n');
            }
        }
        return text.append("checked at ")
                .append(Instant.ofEpochMilli(atMillis).truncatedTo(ChronoUnit.SECONDS))
                .append("\n\n")
                .append(summary())
                .append('\n')
                .toString();
    }

    private static String heading(Severity severity) {
        return switch (severity) {
            case ERROR -> "ERRORS";
            case WARNING -> "WARNINGS";
            case NOTE -> "NOTES";
            case OK -> "OK";
        };
    }

    private static void add(StringBuilder text, Finding finding) {
        text.append("  ")
                .append(finding.id())
                .append(": ")
                .append(finding.what())
                .append('\n');
        for (String caveat : finding.caveats()) {
            text.append("      but: ").append(caveat).append('\n');
        }
        if (!finding.why().isEmpty()) {
            text.append("      why: ").append(finding.why()).append('\n');
        }
        if (!finding.remedy().isEmpty()) {
            text.append("      do:  ").append(finding.remedy()).append('\n');
        }
    }

    private String summary() {
        return (healthy() ? "healthy: " : "not healthy: ")
                + number(Severity.ERROR, "error") + ", "
                + number(Severity.WARNING, "warning") + ", "
                + number(Severity.NOTE, "note") + ", "
                + of(Severity.OK).size() + " ok";
    }

    private String number(Severity severity, String word) {
        int number = of(severity).size();
        return number + " " + word + (number == 1 ? "" : "s");
    }
}
