package io.denywatch.blocklist;

import io.denywatch.detection.Detection;

/**
 * What the evidence against a source is worth where not all can be blocked, the least first. No evidence proves that a
 * source is not forged, but each packet of it costs the forger one.
 */
enum Claim {
    /** A threshold was reached. */
    ORDINARY,
    /** The same, and the source was blocked before. */
    REPEATED,
    /** A source sent so many packets that forging many like it would be a flood: those are blocked by an open breaker, too. */
    OVERWHELMING;

    /** Packets within one or two minutes that are overwhelming for any rule: 8 packets a second are, after a minute. */
    static final int OVERWHELMING_PACKETS = 500;

    /** For a rule that asks for many packets itself, so many times its threshold are overwhelming. */
    static final int OVERWHELMING_TIMES = 2;

    static Claim of(Detection detection, boolean repeated) {
        long overwhelming = Math.max(
                OVERWHELMING_PACKETS,
                (long) OVERWHELMING_TIMES * detection.rule().threshold());
        if (detection.evidence().packets() >= overwhelming) {
            return OVERWHELMING;
        }
        return repeated ? REPEATED : ORDINARY;
    }
}
