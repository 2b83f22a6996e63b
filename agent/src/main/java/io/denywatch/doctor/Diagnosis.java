package io.denywatch.doctor;

import io.denywatch.api.FindingsDocument;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All findings.
 *
 * @param atMillis when it was looked, Unix milliseconds; 0 for never
 * @param findings the worst first; equally bad ones in the order of their checks
 * @param enforcement of the blocklist
 */
public record Diagnosis(long atMillis, List<Finding> findings, Enforcement enforcement) {
    /** Nobody has looked yet. */
    public static final Diagnosis NONE = new Diagnosis(0, List.of());

    /** Sorts the findings. */
    public Diagnosis {
        findings = findings.stream()
                .sorted(Comparator.comparing(Finding::severity).reversed())
                .toList();
    }

    /** Findings that say nothing of the blocklist. */
    public Diagnosis(long atMillis, List<Finding> findings) {
        this(atMillis, findings, Enforcement.UNKNOWN);
    }

    /** Asks all checks. */
    public static Diagnosis of(List<Check> checks, long nowMillis) {
        return new Diagnosis(
                nowMillis,
                checks.stream().flatMap(check -> check.findings().stream()).toList());
    }

    /** Findings of one severity. */
    public List<Finding> of(Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .toList();
    }

    /** The document of it. */
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

    /** Whether nothing is wrong, as far as it was checked. */
    public boolean healthy() {
        return of(Severity.ERROR).isEmpty();
    }
}
