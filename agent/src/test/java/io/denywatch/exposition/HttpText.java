package io.denywatch.exposition;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HTTP/1.1 as it stands on the wire. */
final class HttpText {
    private HttpText() {}

    static String request(String methodAndTarget, String... headers) {
        StringBuilder text = new StringBuilder(methodAndTarget).append(" HTTP/1.1\r\nHost: 127.0.0.1:9464\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        return text.append("\r\n").toString();
    }

    static String exchange(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, ISO_8859_1));
        channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            text.append(part.toString(ISO_8859_1));
            part.release();
        }
        return text.toString();
    }

    static void assertStatus(int expected, String response) {
        assertTrue(response.startsWith("HTTP/1.1 " + expected + " "), response);
    }

    static String header(String name, String response) {
        Matcher line = Pattern.compile("(?im)^" + name + ": (.*)$").matcher(response);
        return line.find() ? line.group(1) : "";
    }

    static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }
}
