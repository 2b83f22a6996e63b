package io.denywatch.tail;

import java.io.IOException;

/** A name came to mean another file while it was being looked at. Looking again is the cure. */
final class ChangedMeanwhileException extends IOException {
    private static final long serialVersionUID = 1;

    ChangedMeanwhileException(String what) {
        super(what);
    }
}
