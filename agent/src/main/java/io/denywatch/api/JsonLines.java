package io.denywatch.api;

import java.io.OutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** JSON on standard output: one value a line. */
public final class JsonLines {
    private static final JsonFactory FACTORY = AsciiJson.factory()
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .rootValueSeparator("")
            .build();

    private JsonLines() {}

    /** A generator; whoever uses it writes the newline behind each value and flushes it at the end. */
    public static JsonGenerator to(OutputStream out) {
        return FACTORY.createGenerator(ObjectWriteContext.empty(), out);
    }
}
