package io.denywatch.tail;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** Why a log could not be opened or read. */
public enum ReadFailure {
    PERMISSION,
    NOT_FOUND,
    IO;

    private final String label = name().toLowerCase(Locale.ROOT);

    String label() {
        return label;
    }

    static ReadFailure of(IOException exception) {
        return switch (exception) {
            case AccessDeniedException _ -> PERMISSION;
            case NoSuchFileException _ -> NOT_FOUND;
            default -> IO;
        };
    }
}
