package io.denywatch.doctor;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A diagnosis for a person to read: problems first, with what to do; then what is well, in one line each. */
public final class DiagnosisText {
    private DiagnosisText() {}

    /** The whole of it; lines end with a newline. */
    public static String of(Diagnosis diagnosis) {
        StringBuilder text = new StringBuilder();
        for (Severity severity : List.of(Severity.ERROR, Severity.WARNING, Severity.NOTE, Severity.OK)) {
            List<Finding> findings = diagnosis.of(severity);
            if (!findings.isEmpty()) {
                text.append(heading(severity)).append('\n');
                findings.forEach(finding -> add(text, finding));
                text.append('\n');
            }
        }
        return text.append("checked at ")
                .append(Instant.ofEpochMilli(diagnosis.atMillis()).truncatedTo(ChronoUnit.SECONDS))
                .append("\n\n")
                .append(summary(diagnosis))
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

    private static String summary(Diagnosis diagnosis) {
        return (diagnosis.healthy() ? "healthy: " : "not healthy: ")
                + number(diagnosis, Severity.ERROR, "error") + ", "
                + number(diagnosis, Severity.WARNING, "warning") + ", "
                + number(diagnosis, Severity.NOTE, "note") + ", "
                + diagnosis.of(Severity.OK).size() + " ok";
    }

    private static String number(Diagnosis diagnosis, Severity severity, String word) {
        int number = diagnosis.of(severity).size();
        return number + " " + word + (number == 1 ? "" : "s");
    }
}
