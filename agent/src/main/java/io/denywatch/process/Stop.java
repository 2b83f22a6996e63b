package io.denywatch.process;

/** The wish to end, as a command sees it, and the only way for a command to wait. */
public interface Stop {
    /** Whether the process was asked to end. */
    public boolean requested();

    /** Waits for that long, or less if the process is asked to end meanwhile. */
    void pause(long nanos);

    /** Waits until the process is asked to end. */
    void await();
}
