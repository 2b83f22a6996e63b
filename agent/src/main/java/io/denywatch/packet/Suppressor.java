package io.denywatch.packet;

import java.util.Locale;

/** Who reported that it dropped log lines. */
public enum Suppressor {
    /** The kernel's own rate limit: {@code callbacks suppressed}. */
    KERNEL,
    /** rsyslog: {@code messages lost due to rate-limiting}. */
    RSYSLOG,
    /** journald: {@code Missed N kernel messages}, {@code /dev/kmsg buffer overrun}. */
    JOURNALD,
    /** A syslogd or syslog-ng: {@code last message repeated N times}. */
    SYSLOGD;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in metrics and output. */
    public String label() {
        return label;
    }
}
