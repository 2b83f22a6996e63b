package io.denywatch.blocklist;

/** Whether packets that are logged are known to be denied ones: only then may their sources be blocked. */
public sealed interface EnforcementGate {
    /** They are taken to be: nothing is written that would matter, or somebody has decided so. */
    EnforcementGate GRANTED = new Granted(false);

    /** They are, by the policies. */
    EnforcementGate PROVEN = new Granted(true);

    /** Nobody has looked yet: what offends waits. */
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
     * They may not be: nobody is newly blocked. Who is blocked stays so until the ban's end, for it was cleared then.
     *
     * @param why in one line
     */
    record Refused(String why) implements EnforcementGate {}
}
