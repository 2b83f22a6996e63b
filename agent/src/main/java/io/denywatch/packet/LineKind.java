package io.denywatch.packet;

/** What a log line contains. */
public enum LineKind {
    /** A packet that a Log rule saw. */
    PACKET("packet"),
    /** Calico's follow-up line for the first reply of a logged connection: not a denial. */
    RESPONSE_ESTABLISHED("response-est"),
    /** Calico's follow-up line for a TCP reset that answered a logged connection: not a denial. */
    RESPONSE_RESET("response-rst"),
    /** Calico's follow-up line for an ICMP error that answered a logged connection: not a denial. */
    RESPONSE_ICMP_ERROR("response-icmp-err"),
    /** A notice that the kernel or a logger dropped lines. */
    SUPPRESSION("suppression"),
    /** A notice that a logger wrote instead of copies of the previous line, which may be of any kind. */
    REPETITION("repetition"),
    /** A line with one of the prefixes and {@code OUT=} that is not understood: see {@link Misunderstanding}. */
    UNRECOGNIZED("unrecognized"),
    /** Anything else that a system writes to its log. */
    OTHER("other"),
    /** One of the prefixes at the right place, but not a line that the kernel writes. */
    MALFORMED("malformed");

    private final String label;

    LineKind(String label) {
        this.label = label;
    }

    /** The kind's name in output. */
    public String label() {
        return label;
    }

    /** Whether the line reports a packet or a response, understood or not. */
    public boolean hasPrefix() {
        return switch (this) {
            case PACKET, RESPONSE_ESTABLISHED, RESPONSE_RESET, RESPONSE_ICMP_ERROR, UNRECOGNIZED, MALFORMED -> true;
            case SUPPRESSION, REPETITION, OTHER -> false;
        };
    }

    /** Whether the line is one of Calico's response lines. */
    public boolean isResponse() {
        return this == RESPONSE_ESTABLISHED || this == RESPONSE_RESET || this == RESPONSE_ICMP_ERROR;
    }
}
