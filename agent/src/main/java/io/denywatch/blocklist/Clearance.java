package io.denywatch.blocklist;

/** Whether packets that are logged are known to be denied ones: only then may their sources be blocked. */
public sealed interface Clearance {
    /** They are, or nothing is written that would matter. */
    Clearance GRANTED = new Granted();

    /** Nobody has looked yet: what offends waits. */
    Clearance PENDING = new Pending();

    /** See {@link #GRANTED}. */
    record Granted() implements Clearance {}

    /** See {@link #PENDING}. */
    record Pending() implements Clearance {}

    /**
     * They may not be: nobody is newly blocked. Who is blocked stays so until the ban's end, for it was cleared then.
     *
     * @param why in one line
     */
    record Refused(String why) implements Clearance {}
}
