package io.denywatch.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the contracts of the two parsers share: a line that works, and short ways to ask about it. */
interface ParserContract {
    /** What year-less stamps are read against. */
    Instant REFERENCE = Instant.parse("2026-11-23T16:00:00Z");

    String HEAD = "Nov 23 15:29:46 n1 kernel: ";
    String LINK = "IN=eth0 OUT=cali1 MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 ";
    String IP4 = "SRC=10.0.0.1 DST=10.0.0.2 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=7 ";
    String IP6 = "SRC=2001:0db8:0000:0000:0000:0000:0000:0001 DST=2001:0db8:0000:0000:0000:0000:0000:0002"
            + " LEN=120 TC=3 HOPLIMIT=62 FLOWLBL=12345 ";
    String TCP = "PROTO=TCP SPT=40000 DPT=443 WINDOW=501 RES=0x00 ACK SYN URGP=0 ";
    String UDP = "PROTO=UDP SPT=5000 DPT=53 LEN=40 ";
    String BODY = LINK + IP4 + TCP;

    /** Parses a line whose characters are bytes, with {@link #REFERENCE}. */
    Result parse(String line, Mode mode);

    /** A trusted line with the default prefix and this body. */
    default Result body(String body) {
        return parse(HEAD + "calico-packet: " + body, Mode.DEFAULT);
    }

    default LineKind kind(String line) {
        return parse(line, Mode.DEFAULT).kind();
    }

    default @Nullable Object field(String body, String field) {
        return packet(body).fields().get(field);
    }

    default Result packet(String body) {
        Result result = body(body);
        assertEquals(LineKind.PACKET, result.kind(), () -> body + result);
        return result;
    }

    default void assertMalformed(Malformation reason, String body) {
        assertEquals(Result.malformed(reason), body(body), body);
    }

    /** The body is refused, whatever the reason: two right parsers may see a damaged line differently. */
    default void assertRefused(String body) {
        assertEquals(LineKind.MALFORMED, body(body).kind(), body);
    }

    default void assertFields(Map<String, Object> expected, Result result) {
        expected.forEach(
                (field, value) -> assertEquals(value, result.fields().get(field), () -> field + " of " + result));
    }
}
