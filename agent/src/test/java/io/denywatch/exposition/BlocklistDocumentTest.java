package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.ApiJson;
import io.denywatch.api.Enforcement;
import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.denial.StoppedSources;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.ip.IpPrefix;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BlocklistDocumentTest {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final int ENTRY_MAX_BYTES = 600;

    @Test
    void tellsWhoIsBlockedUntilWhenAndWhy() throws IOException {
        assertEquals(MAPPER.readTree("""
                {"mode":"enforce","enforcement":"active","breakerOpen":true,"problem":"","lastSync":"2026-11-23T11:59:59.250Z",
                 "limits":{"entries":1000},
                 "counts":{"entries":2,"storedEntries":1,"enforcedEntries":1,"overdueEntries":4,"expirations":3,"displacements":5,"repairs":2,
                           "missedOffences":6,"evictedWindows":17,"forgottenAnswers":0},
                 "promotions":{
                   "flood":{"applied":0,"breaker":70,"dry_run":0,"failed":0,"limit":0,"never_block":0,"rate":0,"untrusted_log":0},
                   "scan":{"applied":5,"breaker":0,"dry_run":0,"failed":0,"limit":0,"never_block":0,"rate":0,"untrusted_log":0}},
                 "rules":[
                   {"name":"scan","measure":"distinctPorts","threshold":10,"withinSeconds":60,
                    "protocols":["tcp","udp"],"banForSeconds":3600,"maxBanSeconds":86400},
                   {"name":"flood","measure":"packets","threshold":500,"withinSeconds":10,
                    "protocols":["tcp"],"banForSeconds":600,"maxBanSeconds":21600}],
                 "entries":[
                   {"source":"198.51.100.7","at":"2026-11-23T11:50:00Z","until":"2026-11-23T12:50:00Z",
                    "rule":"scan","repeats":0,
                    "evidence":{"count":10,"ports":["tcp/22","udp/53"],
                                "loadBalancers":["203.0.113.10","2001:db8:ffff::1"],
                                "firstSeen":"2026-11-23T11:49:30Z","lastSeen":"2026-11-23T11:49:59.750Z"}},
                   {"source":"2001:db8:1:2::/64","at":"2026-11-23T11:59:00Z","until":"2026-11-23T12:39:00Z",
                    "rule":"flood","repeats":2,
                    "evidence":{"count":500,"ports":[],"loadBalancers":[],
                                "firstSeen":"2026-11-23T11:58:55Z","lastSeen":"2026-11-23T11:59:00Z"}}],
                 "repeats":[{"source":"198.51.100.99","times":3,"forgetAt":"2026-11-24T12:00:00Z"}],
                 "manual":[{"source":"192.0.2.66","at":"2026-11-23T12:00:00Z","until":"2026-11-23T14:00:00Z",
                            "reason":"asked by \\"legal\\"","by":"ada@example.com"}],
                 "allowances":[{"addresses":"192.0.2.0/24","until":"2026-11-23T12:15:00Z"}],
                 "answered":[],
                 "stopped":[{"source":"198.51.100.7","origin":"promotion","packets":41200,"bytes":2472000,
                             "since":"2026-11-23T12:00:00Z","last":"2026-11-23T12:01:30Z"}]}
                """), document(Blocklists.busy()));
    }

    @Test
    void hasAllPartsWhileTheBlocklistIsOff() throws IOException {
        assertEquals(MAPPER.readTree("""
                {"mode":"off","enforcement":"active","breakerOpen":false,"problem":"","lastSync":null,"limits":{"entries":0},
                 "counts":{"entries":0,"storedEntries":0,"enforcedEntries":0,"overdueEntries":0,"expirations":0,"displacements":0,"repairs":0,
                           "missedOffences":0,"evictedWindows":0,"forgottenAnswers":0},
                 "promotions":{},"rules":[],"entries":[],"repeats":[],"manual":[],"allowances":[],"answered":[],
                 "stopped":[{"source":"198.51.100.7","origin":"promotion","packets":41200,"bytes":2472000,
                             "since":"2026-11-23T12:00:00Z","last":"2026-11-23T12:01:30Z"}]}
                """), document(BlocklistStatus.OFF));
    }

    @ParameterizedTest
    @EnumSource(BlocklistMode.class)
    void namesTheModeAsTheConfigurationDoes(BlocklistMode mode) throws IOException {
        assertEquals(mode.label(), document(Blocklists.fresh(mode)).get("mode").asString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"},{\"x\":\"", "\\", "a\nb\r\tc\u0000\u001f\u007f", "\u2028</script>", "é😀"})
    void escapesWhateverPeopleAndTheServerSay(String text) throws IOException {
        ManualEntry entry = new ManualEntry(IpPrefix.parse("192.0.2.66"), Instant.EPOCH, Instant.EPOCH, text, text);
        BlocklistStatus status =
                Blocklists.with(Blocklists.busy(), Blocklist.EMPTY, new ManualList(List.of(entry), List.of()), text);

        JsonNode document = document(status);

        assertEquals(text, document.get("problem").asString());
        assertEquals(text, document.at("/manual/0/reason").asString());
        assertEquals(text, document.at("/manual/0/by").asString());
    }

    @Test
    void isBoundedByTheMostEntriesThatThereCanBe() {
        byte[] bytes = bytes(Blocklists.full());

        assertTrue(bytes.length < BlocklistLimits.ENTRIES_MAX * ENTRY_MAX_BYTES, () -> bytes.length + " bytes");
        assertEquals(
                BlocklistLimits.ENTRIES_MAX,
                MAPPER.readTree(bytes).get("entries").size());
    }

    @Test
    void isTheSameForTheSameState() {
        assertArrayEquals(bytes(Blocklists.busy()), bytes(Blocklists.busy()));
    }

    @ParameterizedTest
    @EnumSource(Enforcement.class)
    void callsNothingEnforcedThatNoPolicyIsKnownToDeny(Enforcement enforcement) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ApiJson.write(
                Documents.blocklist(
                        Blocklists.busy(), enforcement, EstablishedSources.NONE, StoppedSources.OFF, Instant.EPOCH),
                out);
        JsonNode document = MAPPER.readTree(out.toByteArray());

        assertEquals(enforcement.label(), document.get("enforcement").asString());
        assertEquals(1, document.at("/counts/storedEntries").asInt());
        assertEquals(
                enforcement == Enforcement.ACTIVE ? 1 : 0,
                document.at("/counts/enforcedEntries").asInt());
    }

    private static JsonNode document(BlocklistStatus status) throws IOException {
        return ApiTest.get(Snapshots.published(Snapshots.busy(), status), "/api/v1/blocklist", 200);
    }

    private static byte[] bytes(BlocklistStatus status) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ApiJson.write(
                Documents.blocklist(
                        status, Enforcement.ACTIVE, EstablishedSources.NONE, StoppedSources.OFF, Instant.EPOCH),
                out);
        return out.toByteArray();
    }
}
