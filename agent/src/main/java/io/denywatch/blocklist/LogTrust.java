package io.denywatch.blocklist;

import io.denywatch.blocklist.Decision.Outcome;
import io.denywatch.blocklist.Decision.Refused;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.detection.Detection;
import io.denywatch.detection.EstablishedSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** How far log lines are trusted, depending on who can write them. Immutable. */
public enum LogTrust {
    /** The kernel alone writes the log. */
    TRUSTED(""),
    /**
     * Every local user can write to the log, and its lines count all the same. An established response in it never ends
     * a block, and does not refute the proof by the policies that logged packets are denied, which cannot be forged.
     * Without that proof it exempts its source: blocking a legitimate client is the worse mistake.
     */
    FORGEABLE(""),
    /** Every local user can write to the log, and its lines never lead to a block. */
    REFUSED("nobody is newly blocked: blocklist.requireTrustedLog is true, and each local user can write to the log");

    private final String problem;

    LogTrust(String problem) {
        this.problem = problem;
    }

    /** Why no source is blocked, in one line; empty if sources are blocked. */
    String problem() {
        return problem;
    }

    /** Whether an established response ends the block of its source. */
    public boolean believesEstablished() {
        return this == TRUSTED;
    }

    /**
     * The detections that may lead to a block, as far as the log is concerned.
     *
     * @param established that still hold
     * @param gate under which they are decided
     * @param refusals receives all others
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
