package io.denywatch.process;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Set;

/**
 * Logs each problem of one activity once until the activity works again, and then logs the recovery. Two problems are
 * the same if their texts are equal. Thread-safe.
 */
public final class LogOnce {
    /** The most problems logged between two successes: a text that contains a time or a number would always be new. */
    public static final int PROBLEMS_MAX = 16;

    private final Logger log;
    private final String recovery;
    private final Set<String> logged = new HashSet<>();
    private String problem = "";

    /**
     * Starts without a problem.
     *
     * @param log receives problems, as warnings unless said otherwise, and the recovery as information
     * @param recovery logged at the first success after a problem; empty to log no recovery
     */
    public LogOnce(Logger log, String recovery) {
        this.log = log;
        this.recovery = recovery;
    }

    /** Records a failure, and logs its problem unless that was logged since the last success. */
    public void failed(String newProblem) {
        failed(Level.WARNING, newProblem, "");
    }

    /** Records a failure, and logs its problem at this level unless that was logged since the last success. */
    public void failed(Level level, String newProblem) {
        failed(level, newProblem, "");
    }

    /**
     * Records a failure, and logs its problem unless that was logged since the last success.
     *
     * @param consequence follows the problem in the log, but is not part of {@link #problem}
     */
    public void failed(String newProblem, String consequence) {
        failed(Level.WARNING, newProblem, consequence);
    }

    private synchronized void failed(Level level, String newProblem, String consequence) {
        problem = newProblem;
        if (logged.size() < PROBLEMS_MAX && logged.add(newProblem)) {
            String last = logged.size() < PROBLEMS_MAX ? "" : " (no further problems are logged until this one ends)";
            log.log(level, newProblem + consequence + last);
        }
    }

    /** Records a success, and logs the recovery if there was a problem. */
    public synchronized void worked() {
        if (isFailing() && !recovery.isEmpty()) {
            log.log(Level.INFO, recovery);
        }
        problem = "";
        logged.clear();
    }

    /** Whether the last attempt failed. */
    public synchronized boolean isFailing() {
        return !problem.isEmpty();
    }

    /** The problem of the last attempt in one line, or empty if it succeeded. */
    public synchronized String problem() {
        return problem;
    }
}
