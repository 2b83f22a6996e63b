package io.denywatch.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where lines come from, as it is configured. */
public enum SourceKind {
    /** A text file that a logger writes. */
    FILE,
    /** The kernel's own log. */
    KMSG,
    /** The other kind that contains packet lines. */
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
