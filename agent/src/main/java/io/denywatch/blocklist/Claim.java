package io.denywatch.blocklist;

import io.denywatch.detection.Detection;

/**
 * The strength of the evidence against a source, the weakest first. It decides which sources are blocked if not all can
 * be. Immutable. No evidence proves that a source is genuine, but every forged packet has to be sent.
 */
enum Claim {
    /** A threshold was reached. */
    ORDINARY,
    /** A threshold was reached, and the source was blocked before. */
    REPEATED,
    /** So many packets that forging many such sources would be a flood. Blocked even while the breaker is open. */
    OVERWHELMING;

    /** The fewest packets within one or two minutes that can be overwhelming, about 8 packets a second. */
    static final int OVERWHELMING_PACKETS = 500;

    /** The multiple of a rule's threshold that is overwhelming, if it is more than {@link #OVERWHELMING_PACKETS}. */
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
