package io.denywatch.api;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonFactoryBuilder;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * JSON of printable ASCII alone, for it may be shown by a terminal, to which control and format characters are commands; and
 * half a surrogate pair, out of a broken file name, has a text then, too. Stateless.
 */
public final class AsciiJson {
    private AsciiJson() {}

    /** What to make a factory of. */
    public static JsonFactoryBuilder factory() {
        return JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).characterEscapes(new WithDelete());
    }

    /** The escapes that JSON asks for, and that of the one control character of ASCII that it lets through. */
    private static final class WithDelete extends CharacterEscapes {
        private static final long serialVersionUID = 1;
        private static final int DELETE = 0x7f;

        private final int[] escapes = standardAsciiEscapesForJSON();

        WithDelete() {
            escapes[DELETE] = ESCAPE_STANDARD;
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return escapes.clone();
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int character) {
            return null; // the standard one
        }
    }
}
