package io.denywatch.api;

import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.SerializableString;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * Writes and reads documents. Stateless; any thread may use it.
 *
 * <p>The output is printable ASCII only, because a terminal may show it and would obey control and format characters.
 * Half a surrogate pair, which a broken file name may contain, is escaped as well.
 *
 * <p>Reading is lenient, because agents may be of other versions: a missing or unknown property is not an error. A
 * value that cannot be converted to a number, boolean or text is read as 0, false or the empty text.
 */
public final class ApiJson {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .characterEscapes(new WithDelete())
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .rootValueSeparator("")
                    .build())
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .addModule(new SimpleModule()
                    .addDeserializer(long.class, new Whole())
                    .addDeserializer(Long.class, new Whole())
                    .addDeserializer(int.class, new Lenient<>(Integer.class, 0) {
                        @Override
                        Integer of(JsonNode node) {
                            return node.asInt(0);
                        }
                    })
                    .addDeserializer(boolean.class, new Lenient<>(Boolean.class, false) {
                        @Override
                        Boolean of(JsonNode node) {
                            return node.asBoolean(false);
                        }
                    })
                    .addDeserializer(String.class, new Lenient<>(String.class, "") {
                        @Override
                        String of(JsonNode node) {
                            return node.asString("");
                        }
                    })
                    .addDeserializer(Instant.class, new TimeReader()))
            .build();

    private ApiJson() {}

    /** Writes one document. The stream stays open. */
    public static void write(Object document, OutputStream out) {
        MAPPER.writeValue(out, document);
    }

    /** Writes one document and a newline after it. The stream stays open. */
    public static void writeLine(Object document, OutputStream out) {
        try (JsonGenerator json = lines(out)) {
            json.writePOJO(document);
            json.writeRaw('\n');
        }
    }

    /**
     * A generator of values, one per line. The caller writes the newline after each value, and closes the generator;
     * the stream stays open.
     */
    public static JsonGenerator lines(OutputStream out) {
        return MAPPER.createGenerator(out);
    }

    /**
     * Reads a document.
     *
     * @throws IllegalArgumentException if it has another form; the message quotes no part of it
     */
    public static <T> T read(JsonNode document, Class<T> type) {
        try {
            return required(MAPPER.treeToValue(document, type), "no document");
        } catch (JacksonException e) {
            if (e.getCause() instanceof IllegalArgumentException why) {
                throw why;
            }
            throw new IllegalArgumentException("not a " + type.getSimpleName(), e);
        }
    }

    /** A required time. */
    static Instant time(@Nullable Instant time, String name) {
        return required(time, name + " is not a time");
    }

    /** A required list, copied. */
    static <T> List<T> listed(@Nullable List<T> elements, String name) {
        return List.copyOf(required(elements, "no list of " + name));
    }

    private static <T> T required(@Nullable T value, String problem) {
        if (value == null) {
            throw new IllegalArgumentException(problem);
        }
        return value;
    }

    /** The elements of an optional list. */
    static <T> List<T> list(@Nullable Collection<T> elements) {
        return elements == null ? List.of() : List.copyOf(elements);
    }

    /** Reads a scalar, whatever its type. */
    private abstract static class Lenient<T> extends StdDeserializer<T> {
        private final T absent;

        Lenient(Class<T> type, T absent) {
            super(type);
            this.absent = absent;
        }

        abstract T of(JsonNode node);

        @Override
        public T deserialize(JsonParser parser, DeserializationContext context) {
            return of(parser.readValueAsTree());
        }

        @Override
        public T getNullValue(DeserializationContext context) {
            return absent;
        }

        @Override
        public T getAbsentValue(DeserializationContext context) {
            return absent;
        }
    }

    private static final class Whole extends Lenient<Long> {
        Whole() {
            super(Long.class, 0L);
        }

        @Override
        Long of(JsonNode node) {
            return node.asLong(0);
        }
    }

    /** An optional text. */
    static final class NullableText extends StdDeserializer<String> {
        NullableText() {
            super(String.class);
        }

        @Override
        public @Nullable String deserialize(JsonParser parser, DeserializationContext context) {
            return parser.<JsonNode>readValueAsTree().asString(null);
        }
    }

    /** An optional time. */
    private static final class TimeReader extends StdDeserializer<Instant> {
        TimeReader() {
            super(Instant.class);
        }

        @Override
        public @Nullable Instant deserialize(JsonParser parser, DeserializationContext context) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                parser.skipChildren();
                return null;
            }
            try {
                return Instant.parse(parser.getString());
            } catch (DateTimeException e) {
                return null;
            }
        }
    }

    /** The escapes that JSON requires, and one for DEL, the only ASCII control character that JSON allows unescaped. */
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
            return null; // the standard escape
        }
    }
}
