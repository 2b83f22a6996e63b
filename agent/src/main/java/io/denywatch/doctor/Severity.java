package io.denywatch.doctor;

import java.util.Locale;

/** How bad a finding is; the best first. */
public enum Severity {
    /** As it should be. */
    OK,
    /** Good to know. */
    NOTE,
    /** Probably not as intended. */
    WARNING,
    /** Wrong: denied packets are not counted, or counts are lost. */
    ERROR;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in output. */
    public String label() {
        return label;
    }
}
