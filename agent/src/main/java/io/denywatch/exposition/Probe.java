package io.denywatch.exposition;

import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.tail.TailSnapshot;

/**
 * The response to a probe of the kubelet.
 *
 * @param ok whether all is well
 * @param text one line for an operator
 */
record Probe(boolean ok, String text) {
    /** The ingest loop is considered to hang once its latest snapshot is this old; it publishes one every second. */
    static final long SNAPSHOT_AGE_MAX_MILLIS = 10_000;

    private static final Probe OK = new Probe(true, "ok");

    /** Whether the ingest loop still runs. If it does not, a restart can help. */
    static Probe live(IngestSnapshot snapshot, long nowMillis) {
        // Negative after the clock was set back, which does not call for a restart.
        long ageMillis = nowMillis - snapshot.takenAtMillis();
        return ageMillis < SNAPSHOT_AGE_MAX_MILLIS
                ? OK
                : new Probe(
                        false,
                        "the ingest loop last published " + ageMillis / 1000 + " s ago; allowed: less than "
                                + SNAPSHOT_AGE_MAX_MILLIS / 1000 + " s");
    }

    /**
     * Whether the log is readable, everything logged before the start has been read, and the metrics page is complete.
     * If not, a restart would not help.
     *
     * @param pageProblem what the page lacks; empty if nothing
     */
    static Probe ready(IngestSnapshot snapshot, String pageProblem) {
        TailSnapshot tail = snapshot.tail();
        // One line, even if the message contains a file name with line breaks.
        String problem = oneLine(tail.problem());
        if (!problem.isEmpty()) {
            return new Probe(false, problem);
        }
        if (!snapshot.settled()) {
            return new Probe(false, "reading what was logged before the start");
        }
        if (!tail.readable()) {
            return new Probe(false, "the log is not open yet");
        }
        return pageProblem.isEmpty() ? OK : new Probe(false, oneLine(pageProblem));
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }
}
