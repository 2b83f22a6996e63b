package io.denywatch.process;

/** A request to end the command, and the only way for a command to wait. */
public interface Stop {
    /** Whether the process was asked to end. */
    public boolean requested();

    /** Waits this long, or less if the process is asked to end meanwhile. */
    void pause(long nanos);

    /** Waits until the process is asked to end. */
    void await();
}
