package io.denywatch.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The kind of log, as configured. */
public enum SourceKind {
    /** A text file that a logger writes. */
    FILE,
    /** The kernel's own log. */
    KMSG,
    /** Whichever of the two contains lines of the kernel. */
    AUTO;

    /** Its name in the configuration and in metrics. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of that name. */
    public static Optional<SourceKind> of(String label) {
        return Arrays.stream(values())
                .filter(kind -> kind.label().equals(label))
                .findFirst();
    }
}
