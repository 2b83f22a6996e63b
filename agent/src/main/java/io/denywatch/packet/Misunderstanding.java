package io.denywatch.packet;

import java.util.Locale;

/**
 * Why a line with one of our prefixes and {@code OUT=} does not count as a packet line: what its head says or lacks.
 */
public enum Misunderstanding {
    /** The time stamp, or something else before {@code kernel:}, has an unknown form. */
    HEAD("the line does not begin with a time stamp and a host in a known form, followed by the tag \"kernel:\""),
    /** {@code kernel[978]:}, as {@code logger -i -t kernel} writes it. */
    KERNEL_WITH_PID("the tag has a process id, but the kernel has none: a program wrote the line as \"kernel\""),
    /** The tag of another program. */
    PROGRAM("the tag is that of another program, not \"kernel:\""),
    /** Nothing in the head names the writer of the message. */
    NO_TAG("there is no tag \"kernel:\" before the message"),
    /** The kernel wrote the line, but its message does not begin with the prefix. */
    TEXT_BEFORE_PREFIX("the line is the kernel's, but its message does not begin with the prefix");

    private static final String KERNEL = "kernel:";

    private final String label = name().toLowerCase(Locale.ROOT);
    private final String words;

    Misunderstanding(String words) {
        this.words = words;
    }

    /** The name in output. */
    public String label() {
        return label;
    }

    /** The reason in words, as part of a sentence. */
    public String words() {
        return words;
    }

    /**
     * The reason for a head in which no tag was recognized.
     *
     * @param before the text before the prefix, from the end of time stamp and host, or from the line's beginning
     * @param timed whether there is a time stamp
     */
    static Misunderstanding ofUntagged(String before, boolean timed) {
        String[] words = before.strip().split(" +", -1);
        String last = words[words.length - 1];
        if (before.isBlank()) {
            return NO_TAG;
        }
        for (String word : words) {
            if (word.startsWith(KERNEL)) {
                return HEAD;
            }
            if (word.matches("kernel\\[[0-9]+\\]:")) {
                return KERNEL_WITH_PID;
            }
            if (word.endsWith(":") && timed) {
                return PROGRAM;
            }
        }
        return words.length == 1 && last.endsWith(":") ? PROGRAM : HEAD;
    }
}
