package io.denywatch.top;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.api.ApiJson;
import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.SourcesDocument;
import io.denywatch.top.AgentPage.AgentBlock;
import io.denywatch.top.AgentPage.BlockEffect;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class AgentDocumentsTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** An agent that does not say whether the blocklist is enforced is older than that property. */
    @ParameterizedTest
    @CsvSource(nullValues = "-", textBlock = """
            off,     active,  null,        ENFORCED
            dry-run, active,  null,        ENFORCED
            dry-run, active,  '"scan"',    NONE
            dry-run, missing, '"scan"',    NONE
            dry-run, missing, null,        STORED
            enforce, active,  '"scan"',    ENFORCED
            enforce, missing, '"scan"',    STORED
            enforce, unknown, '"scan"',    STORED
            enforce, '',      '"scan"',    STORED
            """)
    void aBlockHasAnEffectWhereItIsStoredAndEnforced(String mode, String enforcement, String rule, BlockEffect effect) {
        String document = """
                {"takenAt":"2026-03-01T10:00:00Z","nlb":"203.0.113.7","blocklistMode":"%s","enforcement":"%s","sources":[
                 {"source":"198.51.100.1","packets":1,"atMost":1,"firstSeen":"2026-03-01T09:50:00Z",
                  "lastSeen":"2026-03-01T09:59:00Z","answered":false,
                  "ban":{"rule":%s,"at":"2026-03-01T09:59:00Z","until":"2026-03-01T10:59:00Z"}}]}""".formatted(mode, enforcement, rule);

        AgentBlock ban = AgentDocuments.sources(ApiJson.read(MAPPER.readTree(document), SourcesDocument.class))
                .sources()
                .getFirst()
                .block()
                .orElseThrow();
        assertEquals(effect, ban.effect());
    }

    @ParameterizedTest
    @CsvSource({"active, true", "missing, false", "unknown, false"})
    void aBlocklistIsEnforcedWhereTheAgentSaysSo(String enforcement, boolean enforced) {
        String document = "{\"mode\":\"enforce\",\"enforcement\":\"" + enforcement + "\",\"entries\":[],\"manual\":[]}";

        assertEquals(
                enforced,
                AgentDocuments.blocklist(ApiJson.read(MAPPER.readTree(document), BlocklistDocument.class))
                        .enforced());
    }
}
