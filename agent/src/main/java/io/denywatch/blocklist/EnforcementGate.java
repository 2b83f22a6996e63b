package io.denywatch.blocklist;

/** Whether logged packets are known to be denied; only then may their sources be blocked. Immutable. */
public sealed interface EnforcementGate {
    /** Open without proof: nothing is enforced, or the operator has overridden the findings. */
    EnforcementGate GRANTED = new Granted(false);

    /** Open: the policies prove that logged packets are denied. */
    EnforcementGate PROVEN = new Granted(true);

    /** The policies have not been analysed yet: detections wait. */
    EnforcementGate PENDING = new Pending();

    /**
     * Sources may be blocked.
     *
     * @param proven whether the policies prove that what is logged is denied
     */
    record Granted(boolean proven) implements EnforcementGate {}

    /** See {@link #PENDING}. */
    record Pending() implements EnforcementGate {}

    /**
     * No source is newly blocked. Existing blocks stay until they end.
     *
     * @param why in one line
     */
    record Withheld(String why) implements EnforcementGate {}
}
