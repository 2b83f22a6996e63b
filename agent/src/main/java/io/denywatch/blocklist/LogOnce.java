package io.denywatch.blocklist;

import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/** Logs each problem of an activity once, until the activity works again. Confined to one thread. */
final class LogOnce {
    private static final System.Logger LOG = System.getLogger(LogOnce.class.getName());
    private static final int TOLD_MAX = 16; // messages that contain a time or a number are always new

    private final String activity;
    private final Set<String> told = new HashSet<>();
    private String problem = "";

    /** Of an activity, named as the beginning of a sentence. */
    LogOnce(String activity) {
        this.activity = activity;
    }

    /** It failed. */
    void failed(String message) {
        problem = activity + ": " + message;
        if (told.size() < TOLD_MAX && told.add(message)) {
            LOG.log(Level.WARNING, "{0}; trying again", problem);
        }
    }

    /** It worked. */
    void worked() {
        if (!problem.isEmpty()) {
            LOG.log(Level.INFO, "{0}: works again", activity);
        }
        problem = "";
        told.clear();
    }

    /** The first of these problems that there is, or empty. */
    static String first(String... problems) {
        return Stream.of(problems)
                .filter(problem -> !problem.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** The problem in one line, or empty. */
    String problem() {
        return problem;
    }
}
