package io.denywatch.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.jspecify.annotations.NullMarked;

/** Small logs of nodes in the field. */
@NullMarked
public final class Cases {
    private Cases() {}

    /** The log {@code cases/<name>.log}. */
    public static String text(String name) {
        try (InputStream log = Cases.class.getResourceAsStream("/cases/" + name + ".log")) {
            if (log == null) {
                throw new AssertionError("no case " + name);
            }
            return new String(log.readAllBytes(), ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
