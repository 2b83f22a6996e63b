package io.denywatch.web;

/** A web configuration that cannot be used; the message names the key, the value and what is allowed. */
public final class WebConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    WebConfigException(String message) {
        super(message);
    }
}
