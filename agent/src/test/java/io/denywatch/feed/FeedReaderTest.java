package io.denywatch.feed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.IpPrefix;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;

class FeedReaderTest {
    private static FeedList text(String text) {
        return FeedReader.text(text.getBytes(StandardCharsets.UTF_8));
    }

    private static FeedList json(String text, String field) {
        return FeedReader.json(text.getBytes(StandardCharsets.UTF_8), field);
    }

    private static List<String> nets(FeedList list) {
        return list.nets().stream().map(IpPrefix::toString).toList();
    }

    @Test
    void readsAddressesBlocksCommentsPortsAndAnyEndOfLine() {
        FeedList list = text("""
                \ufeff# a comment
                45.0.0.1
                45.0.1.0/24 ; SBL123\r
                45.0.2.7/24#bits after the prefix
                \t45.0.3.1:8080\s

                ; another
                2600:db8::/32
                [2600:db8::1]:443
                [2600:db8::2]""");

        assertEquals(
                List.of(
                        "45.0.0.1/32",
                        "45.0.1.0/24",
                        "45.0.2.0/24",
                        "45.0.3.1/32",
                        "2600:db8::/32",
                        "2600:db8::1/128",
                        "2600:db8::2/128"),
                nets(list));
        assertEquals(0, list.unparsable());
        assertEquals(7, list.entries());
    }

    @Test
    void countsWhatIsNoAddressAndKeepsTheFirst() {
        FeedList list =
                text("<html>\u001b[31m\n45.0.0.256\n45.0.0.1:99999\n::/16\n::7/128\n45.0.0.1-45.0.0.9\n45.0.0.1\n");

        assertEquals(List.of("45.0.0.1/32"), nets(list));
        assertEquals(6, list.unparsable());
        assertTrue(list.sample().startsWith("<html>") && !list.sample().contains("\u001b"), list.sample());
    }

    @Test
    void readsFieldsOfJsonDocumentsOfAnyShape() {
        assertEquals(
                List.of("45.0.0.0/24", "45.0.1.0/24"),
                nets(json(
                        "{\"prefixes\":[{\"ip\":\"45.0.0.0/24\",\"x\":\"1.1.1.1\"},{\"ip\":\"45.0.1.0/24\"}]}", "ip")));
        assertEquals(
                List.of("45.0.0.1/32", "45.0.0.2/32"),
                nets(json("{\"cidr\":\"45.0.0.1\",\"rblid\":\"SBL1\"}\n{\"cidr\":\"45.0.0.2\"}\n", "cidr")));
        assertEquals(List.of("45.0.0.1/32", "45.0.0.2/32"), nets(json("[\"45.0.0.1\",\"45.0.0.2\"]", "ip")));
        assertEquals(
                List.of("45.0.0.1/32", "45.0.0.2/32"),
                nets(json("{\"ip\":[\"45.0.0.1\",\"45.0.0.2\"],\"a\":[\"9.9.9.9\"]}", "ip")));
        assertEquals(1, json("[{\"ip\": 7}]", "ip").unparsable());
        assertEquals(0, json("{\"a\": {\"b\": [1, {\"c\": null}]}}", "ip").entries());
    }

    @Test
    void rejectsBrokenAndBottomlessJson() {
        assertThrows(JacksonException.class, () -> json("[{\"ip\": \"45.0.0.1\"", "ip"));
        assertThrows(JacksonException.class, () -> json("<html>", "ip"));
        assertThrows(JacksonException.class, () -> json("[".repeat(100_000), "ip"));
    }

    @RepeatedTest(300)
    void survivesDamagedListsAndNeverInventsWideNets(RepetitionInfo repetition) {
        long seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            text.append(random.nextInt(1, 256))
                    .append(".7.7.")
                    .append(random.nextInt(256))
                    .append("/3")
                    .append(random.nextInt(3));
            text.append(random.nextBoolean() ? "\n" : " # x\r\n");
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        for (int i = random.nextInt(1, 30); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }

        FeedList list = FeedReader.text(bytes);

        assertEquals(list.entries(), list.nets().size() + list.unparsable(), () -> "seed " + seed);
        String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\\R", -1);
        assertTrue(list.entries() <= lines.length, () -> "seed " + seed);
        for (String field : List.of("ip", "")) {
            try {
                FeedReader.json(bytes, field);
            } catch (JacksonException e) {
                // the only failure that is allowed
            }
        }
    }
}
