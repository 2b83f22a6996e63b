package io.denywatch.blocklist;

import io.denywatch.blocklist.Decision.Refused;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.detection.Detection;
import io.denywatch.detection.EstablishedSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** How far lines are believed, by who can write them. */
public enum LogTrust {
    /** The kernel alone writes the log. */
    TRUSTED(""),
    /**
     * Each local user can write to the log, and lines count all the same. An answer in it never ends a ban, and holds against no
     * proof by the policies that what is logged is denied, for that cannot be forged. Where there is no such proof, it keeps
     * its source from being blocked: to block a client that is let in is the worse mistake.
     */
    FORGEABLE(""),
    /** Each local user can write to the log, and that is not to be enough to block anybody. */
    REFUSED("nobody is newly blocked: blocklist.requireTrustedLog is true, and each local user can write to the log");

    private final String problem;

    LogTrust(String problem) {
        this.problem = problem;
    }

    /** Why nobody is blocked, in one line; empty if sources are. */
    String problem() {
        return problem;
    }

    /** Whether an answer ends the ban of its source. */
    public boolean believesEstablished() {
        return this == TRUSTED;
    }

    /**
     * The offences that are a reason to block, as far as it depends on what the log is.
     *
     * @param established that still hold
     * @param gate under which they are decided
     * @param refusals is told of all others
     */
    List<Detection> believed(
            List<Detection> detections,
            List<EstablishedSource> established,
            EnforcementGate gate,
            Consumer<Refused> refusals) {
        boolean proven = gate instanceof EnforcementGate.Granted granted && granted.proven();
        List<Detection> believed = new ArrayList<>();
        for (Detection detection : detections) {
            Optional<Refused> refused = switch (this) {
                case TRUSTED -> Optional.empty();
                case REFUSED -> Optional.of(new Refused(detection, Outcome.UNTRUSTED_LOG, null));
                case FORGEABLE -> proven ? Optional.empty() : established(detection, established);
            };
            refused.ifPresentOrElse(refusals, () -> believed.add(detection));
        }
        return believed;
    }

    private static Optional<Refused> established(Detection detection, List<EstablishedSource> established) {
        return established.stream()
                .filter(answer -> answer.source().overlaps(detection.source()))
                .findFirst()
                .map(answer ->
                        new Refused(detection, Outcome.NEVER_BLOCK, new Range(answer.source(), Deliberation.ANSWERED)));
    }
}
