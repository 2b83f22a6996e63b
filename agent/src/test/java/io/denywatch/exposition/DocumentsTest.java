package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.api.ApiJson;
import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.NlbsDocument;
import io.denywatch.api.SourceDocument;
import io.denywatch.api.SourcesDocument;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/** Documents are the same byte for byte in every version, and what is read back writes the same document. */
class DocumentsTest {
    private static final Path GOLDEN = Path.of("src/test/resources/exposition");

    record Case(String name, Published published, String target, int status, Class<?> type) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        Published busy = Snapshots.published(Snapshots.busy(), Blocklists.busy());
        String nlb = Snapshots.busy().denials().loadBalancers().getFirst().nlb();
        String source = Blocklists.busy()
                .wanted()
                .entries()
                .values()
                .iterator()
                .next()
                .source()
                .compact();
        return List.of(
                new Case("nlbs", busy, "/api/v1/nlbs", 200, NlbsDocument.class),
                new Case("sources", busy, "/api/v1/sources?nlb=" + nlb, 200, SourcesDocument.class),
                new Case("sources-other", busy, "/api/v1/sources?nlb=other", 200, SourcesDocument.class),
                new Case("blocklist", busy, "/api/v1/blocklist", 200, BlocklistDocument.class),
                new Case("source", busy, "/api/v1/blocklist?source=" + source, 200, SourceDocument.class),
                new Case("all-sources", busy, "/api/v1/blocklist?source=0.0.0.0/0", 200, SourceDocument.class),
                new Case("error", busy, "/api/v1/sources?nlb=%1b", 400, io.denywatch.api.ErrorDocument.class),
                new Case("findings", busy, "/api/v1/findings", 200, io.denywatch.api.FindingsDocument.class));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheSameByteForByte(Case document) throws IOException {
        assertEquals(
                Files.readString(GOLDEN.resolve(document.name + ".json")),
                ApiTest.text(document.published, document.target, document.status) + "\n");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isWrittenAsItWasRead(Case document) throws IOException {
        String text = ApiTest.text(document.published, document.target, document.status);
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        ApiJson.write(ApiJson.read(JsonMapper.shared().readTree(text), document.type), again);
        assertEquals(text, again.toString(StandardCharsets.US_ASCII));
    }
}
