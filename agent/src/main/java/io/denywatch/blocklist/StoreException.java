package io.denywatch.blocklist;

/** A failure to read or write the store; the next round retries. Immutable. */
public final class StoreException extends Exception {
    private static final long serialVersionUID = 1;

    /** Why the store failed. */
    public enum Reason {
        /** Another writer came first; the object has to be read again. */
        CONFLICT,
        /** The account lacks the permission (401, 403). */
        FORBIDDEN,
        /** The store takes no writes now: not ready, being migrated, or ambiguous. */
        NOT_READY,
        /** No response, or one that asks for a retry (429, 5xx). */
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

    /** Why the store failed. */
    public Reason reason() {
        return reason;
    }
}
