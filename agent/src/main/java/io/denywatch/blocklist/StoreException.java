package io.denywatch.blocklist;

/** The store could not be read or written now; the next round tries again. */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** Somebody else wrote first; what is there has to be read again. */
        CONFLICT,
        /** This agent may not (401, 403). */
        FORBIDDEN,
        /** The store is there and takes no writes now, or not from us: not ready, being migrated, ambiguous. */
        NOT_READY,
        /** No answer, or an answer that asks to come again (429, 5xx). */
        UNAVAILABLE,
        /** The server does not know the kind of object, or refuses this one. */
        REFUSED
    }

    private final Reason reason;

    /**
     * A failure.
     *
     * @param message one line for an operator: what was tried, what was answered
     */
    public StoreException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }
}
