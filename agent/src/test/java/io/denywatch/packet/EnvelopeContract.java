package io.denywatch.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Everything before {@code IN=}: who wrote the line, when, and whether it is ours. */
interface EnvelopeContract extends ParserContract {
    String RFC3339 = "2026-03-01T10:00:00.000001+00:00";
    String OURS = "calico-packet: " + BODY;

    @Test
    default void acceptsEveryHeadThatAKernelLineMayHave() {
        for (String head : List.of(
                "Nov 23 15:29:46 n1 kernel: ",
                "Nov  3 15:29:46 n1 kernel: ",
                "Nov 3 15:29:46 n1 kernel: ",
                "Nov 03 15:29:46.123456 n1 kernel: ",
                RFC3339 + " n1 kernel: ",
                "2026-03-01T10:00:00Z n1 kernel: ",
                "2026-03-01T10:00:00+0000 n1 kernel: ",
                "<4>Nov 23 15:29:46 n1 kernel: ",
                "<5>1 " + RFC3339 + " n1 kernel - - -  ",
                RFC3339 + " n1 kernel - - - ",
                "Nov 23 15:29:46 n1 user.warn kernel: ",
                "Nov 23 15:29:46 kernel: ",
                "<5>1 - n1 kernel - - - ",
                "<5>1 " + RFC3339 + " - kernel - - - ",
                "<5>1 " + RFC3339 + " n1 kernel 978 - - ",
                "<5>1 " + RFC3339 + " n1 kernel - kern - ",
                "<5>1 " + RFC3339 + " n1 kernel - - [meta sequenceId=\"27\"] ",
                "<5>1 " + RFC3339 + " n1 kernel - - [158271.044316] ",
                "<5>1 " + RFC3339 + " n1 kernel 0 ID47 [a@1 b=\"c \\\"\\]\\\\\" d=\"\"][e] [   12.345678] ",
                "<5>1 " + RFC3339 + " n1 kernel - - - \u00ef\u00bb\u00bf",
                "2026-03-01 10:00:00 n1 kernel: ",
                "2026-03-01T10:00:00,000001 n1 kernel: ",
                "2026-03-01 10:00:00.000001+00:00 n1 kernel: ",
                "2026 Mar  1 10:00:00 n1 kernel: ",
                "Sun 2026-03-01 10:00:00 UTC n1 kernel: ",
                "Sun 2026-03-01 10:00:00 CEST n1 kernel: ",
                "[   12.345678] ",
                "[158271.044316] ",
                "[   12.345678][  T123] ",
                "[Mon Nov 15 01:42:08 2021] ")) {
            assertEquals(LineKind.PACKET, kind(head + OURS), head);
            assertEquals("calico-packet:", parse(head + OURS, Mode.ANY).fields().get("prefix"), head);
        }
        for (String stamps : List.of(
                "[   12.345678] ", "[    C3] ", "[   12.345678][  T123] ", "[   12.345678] [    C0] ", "[12.345678]")) {
            assertEquals(LineKind.PACKET, kind(HEAD + stamps + OURS), stamps);
        }
    }

    @Test
    default void readsTimeAndHost() {
        Map<String, Instant> stamps = Map.of(
                RFC3339,
                Instant.parse("2026-03-01T10:00:00.000001Z"),
                "2024-11-19T12:15:03.023805-08:00",
                Instant.parse("2024-11-19T20:15:03.023805Z"),
                "2024-11-19T12:15:03.1+0530",
                Instant.parse("2024-11-19T06:45:03.1Z"),
                "2024-11-19T12:15:03.123456789Z",
                Instant.parse("2024-11-19T12:15:03.123456Z"),
                "Nov  3 15:29:46",
                Instant.parse("2026-11-03T15:29:46Z"),
                "Nov 24 15:59:59",
                Instant.parse("2026-11-24T15:59:59Z"),
                "Nov 24 16:00:01",
                Instant.parse("2025-11-24T16:00:01Z"),
                "Feb 29 12:00:00",
                Instant.parse("2024-02-29T12:00:00Z"));
        stamps.forEach((stamp, instant) -> assertFields(
                Map.of("time", instant, "host", "a.b-c"), parse(stamp + " a.b-c kernel: " + OURS, Mode.DEFAULT)));
        for (String stamp : List.of(
                "2026-03-01 10:00:00", "2026-03-01T10:00:00", "2026 Mar  1 10:00:00", "Sun 2026-03-01 10:00:00 CET")) {
            Instant instant = Instant.parse("2026-03-01T10:00:00Z"); // without a zone, that of the node
            assertFields(Map.of("time", instant, "host", "n1"), parse(stamp + " n1 kernel: " + OURS, Mode.DEFAULT));
        }
        assertNull(parse("<5>1 - - kernel - - - " + OURS, Mode.DEFAULT).fields().get("time"));
        assertNull(parse("<5>1 - - kernel - - - " + OURS, Mode.DEFAULT).fields().get("host"));
        assertNull(parse("Feb 30 12:00:00 n1 kernel: " + OURS, Mode.DEFAULT)
                .fields()
                .get("time"));
        assertNull(parse("[   12.345678] " + OURS, Mode.DEFAULT).fields().get("time"));
        assertNull(
                parse("Nov 23 15:29:46 kernel: " + OURS, Mode.DEFAULT).fields().get("host"));
    }

    @Test
    default void doesNotBelieveOtherTagsButTells() {
        for (String tag : List.of(
                "sshd[123]: ",
                "sshd: ",
                "app[1]: kernel: ",
                "sshd: kernel: ",
                "user kernel2: ",
                "kernel[1]: ",
                "xkernel: ",
                "audit - - - ",
                "a.info b.info kernel: ",
                "",
                "dropbear[29787]: [   12.345678] ")) {
            assertEquals(LineKind.UNRECOGNIZED, kind("Nov 23 15:29:46 n1 " + tag + OURS), tag);
        }
        for (String head : List.of(
                "",
                "kernel ",
                "2026-01-01T00:00:00.1Z stdout F ",
                "2026-01-01T00:00:00.1Z stdout F kernel: ",
                "<13>1 " + RFC3339 + " n1 app 1 - - kernel - - - ",
                "<5>1 " + RFC3339 + " n1 kernel 978 - ",
                "<5>1 " + RFC3339 + " n1 kernel - - [a b=\"] ",
                "<5>1 " + RFC3339 + " n1 kernel - - [a b=c] ",
                "Sep  5 14:34:44 2026 n1 kernel: ",
                "Sep  5 14:34:46.452 UTC n1 kernel: ",
                "05/Sep/2026:14:34:47 n1 kernel: ",
                "1788618881.123 n1 kernel: ",
                "10.0.0.9: kern:  notice: [2026-03-01T10:00:00.000000001Z]: ",
                " Nov 23 15:29:46 n1 kernel: ",
                HEAD + "audit: ")) {
            for (Mode mode : List.of(Mode.DEFAULT, Mode.prefixes("calico-packet"))) {
                assertEquals(LineKind.UNRECOGNIZED, parse(head + OURS, mode).kind(), head);
                assertEquals(LineKind.OTHER, parse(head + "deny: " + BODY, mode).kind(), head);
                assertEquals(
                        LineKind.OTHER,
                        parse(head + OURS.replace(" OUT", " out"), mode).kind(),
                        head);
            }
        }
        assertEquals(LineKind.UNRECOGNIZED, kind("app[1]: x OUT= calico-packet"));
        assertEquals(
                LineKind.UNRECOGNIZED, parse("kernel[978]: " + OURS, Mode.ANY).kind());
        assertEquals(LineKind.OTHER, kind("app[1]: xOUT= calico-packet"));
    }

    @Test
    default void findsNetfilterLinesOfAnyWriterWhenAsked() {
        for (String head :
                List.of(HEAD, HEAD + "[UFW BLOCK] ", "Nov 23 15:29:46 n1 ", "2026-01-01T00:00:00.1Z stdout F ", "")) {
            assertEquals(LineKind.PACKET, parse(head + BODY, Mode.ANY).kind(), head);
        }
        for (String head : List.of(
                "Nov 23 15:29:46 n1 sshd[123]: ",
                "app[1]: ",
                "2026-01-01T00:00:00.1Z stdout F app[1]: ",
                "<13>1 " + RFC3339 + " n1 app 1 - - ")) {
            assertEquals(LineKind.OTHER, parse(head + BODY, Mode.ANY).kind(), head);
        }
        assertEquals(LineKind.OTHER, parse(HEAD + "eth0: link up", Mode.ANY).kind());
        assertEquals(LineKind.OTHER, parse("", Mode.ANY).kind());
    }

    @Test
    default void startsTheMessageWithAConfiguredPrefix() {
        Map<String, String> prefixes = Map.of(
                "calico-packet: ",
                "calico-packet:",
                "calico-packet",
                "calico-packet",
                "calico-drop: ",
                "calico-drop:",
                "calico-packet np default/allo",
                "calico-packet np default/allo",
                "calico-packet gnp %t: x: ",
                "calico-packet gnp %t: x:",
                "calico-packet IN= foo IN=bar ",
                "calico-packet IN= foo IN=bar",
                "calico-packet PHYSIN=q ",
                "calico-packet PHYSIN=q");
        prefixes.forEach((start, prefix) -> {
            Result result = parse(HEAD + start + BODY, Mode.DEFAULT);
            assertEquals(LineKind.PACKET, result.kind(), start);
            assertFields(Map.of("prefix", prefix, "in", "eth0"), result);
        });
        for (String start : List.of("", "calico-packe: ", "Calico-packet: ", "[UFW BLOCK] ")) {
            assertEquals(LineKind.OTHER, kind(HEAD + start + BODY), start);
        }
        for (String start : List.of("x calico-packet: ", "\tcalico-packet: ", "[UFW BLOCK] calico-drop")) {
            assertEquals(LineKind.UNRECOGNIZED, kind(HEAD + start + BODY), start);
        }
        Result templated = parse(HEAD + "deny np: a/b: " + BODY, Mode.prefixes("deny np: "));
        assertFields(Map.of("prefix", "deny np: a/b:"), templated);
    }

    @Test
    default void neverTakesAResponseForADenial() {
        Map<String, LineKind> kinds = Map.of(
                "-est",
                LineKind.RESPONSE_ESTABLISHED,
                "-rst",
                LineKind.RESPONSE_RESET,
                "-icmp-err",
                LineKind.RESPONSE_ICMP_ERROR);
        for (String base : List.of(
                "calico-response", "calico-packet", "calico-drop", "calico-packet-resp", "calico-drop to: client")) {
            kinds.forEach((suffix, kind) -> {
                for (String end : List.of(": ", " ", "", ":")) {
                    Result result = parse(HEAD + base + suffix + end + BODY, Mode.DEFAULT);
                    assertEquals(kind, result.kind(), base + suffix + end);
                    assertFields(Map.of("prefix", (base + suffix + end).strip(), "dpt", 443L), result);
                }
            });
        }
        for (String base : List.of("calico-response", "calico-packet", "calico-drop")) {
            assertEquals(
                    LineKind.RESPONSE_RESET,
                    parse(HEAD + base + "-rst: " + BODY, Mode.ANY).kind());
        }
        assertEquals(LineKind.OTHER, kind(HEAD + "calico-response: " + BODY));
        assertEquals(LineKind.OTHER, kind(HEAD + "calico-response-x: " + BODY));
        assertEquals(LineKind.PACKET, kind(HEAD + "calico-packet-estimate: " + BODY));
        assertEquals(LineKind.PACKET, kind(HEAD + "calico-packet-est.: " + BODY));
        assertEquals(
                LineKind.PACKET,
                parse(HEAD + "deny-est: " + BODY, Mode.prefixes("deny-est")).kind());
        assertEquals(LineKind.MALFORMED, kind(HEAD + "calico-response-est: "));
    }

    @Test
    default void countsEveryRepetition() {
        String start = HEAD + "message repeated ";
        assertFields(Map.of("repeat", 3L, "dpt", 443L), parse(start + "3 times: [ " + OURS + "]", Mode.DEFAULT));
        assertFields(
                Map.of("repeat", 1_000_000L), parse(start + "1000000 times: [ [   C1] " + OURS + "]", Mode.DEFAULT));
        assertEquals(LineKind.RESPONSE_ESTABLISHED, kind(start + "2 times: [ calico-response-est: " + BODY + "]"));
        for (String bad :
                List.of("0", "1000001", "2147483648", "4294967297", "-1", "", "x", "99999999999999999999", "03")) {
            Result result = parse(start + bad + " times: [ " + OURS + "]", Mode.DEFAULT);
            assertEquals(Result.malformed(Malformation.BAD_NUMBER), result, bad);
        }
        Result open = parse(start + "3 times: [ " + OURS, Mode.DEFAULT);
        assertEquals(Result.malformed(Malformation.CUT), open);
        assertEquals(LineKind.OTHER, kind(start + "3 times: [ eth0: link up]"));
        assertEquals(LineKind.OTHER, kind(start + "0 times: [ eth0: link up]"));
        assertEquals(LineKind.OTHER, kind("Nov 23 15:29:46 n1 app: message repeated 3 times: [ eth0 ]"));
        assertEquals(LineKind.UNRECOGNIZED, kind("Nov 23 15:29:46 n1 app: message repeated 3 times: [ " + OURS + "]"));
    }

    @Test
    default void hearsWhoDroppedLinesAndHowMany() {
        String head = "Nov 23 15:29:46 n1 ";
        assertNotice(Suppressor.KERNEL, 225, head + "kernel: __ratelimit: 225 callbacks suppressed");
        assertNotice(Suppressor.KERNEL, 5, head + "kernel: [   12.345678] net_ratelimit: 5 callbacks suppressed ");
        assertNotice(Suppressor.KERNEL, 6, head + "kernel: nf_log_dump: 6 callbacks suppressed");
        assertNotice(Suppressor.KERNEL, 6, head + "kernel: ipt_LOG: 6 callbacks suppressed");
        assertNotice(Suppressor.KERNEL, 6, head + "kernel: printk: 6 messages suppressed.");
        assertNotice(Suppressor.KERNEL, 6, head + "kernel: ** 6 printk messages dropped **");
        assertNotice(
                Suppressor.RSYSLOG, 7, head + "rsyslogd: imklog: 7 messages lost due to rate-limiting (20000 allowed)");
        assertNotice(Suppressor.RSYSLOG, 9, head + "rsyslogd[3]: imjournal: 9 messages lost due to rate-limiting");
        assertNotice(
                Suppressor.RSYSLOG,
                9,
                "<46>1 " + RFC3339
                        + " n1 rsyslogd 3 - [origin x=\"y\"] imjournal: 9 messages lost due to rate-limiting");
        assertNotice(
                Suppressor.RSYSLOG, 1, head + "rsyslogd: imkmsg: some messages in circular buffer got overwritten");
        for (String tag : List.of(
                "systemd-journald[1]: ",
                "systemd-journal[155]: ",
                "kernel: systemd-journald[1]: ",
                "kernel: [   12.345678] systemd-journal[155]: ")) {
            assertNotice(Suppressor.JOURNALD, 79, head + tag + "Missed 79 kernel messages");
            assertNotice(Suppressor.JOURNALD, 1, head + tag + "/dev/kmsg buffer overrun, some messages lost.");
            assertNotice(
                    Suppressor.JOURNALD,
                    93_507,
                    head + tag + "/dev/kmsg buffer overrun, some messages lost. (Dropped 93506 similar message(s))");
        }
    }

    @Test
    default void isNotConcernedAboutLinesThatHoldNoPackets() {
        for (String notice : List.of(
                "systemd-journald[27521]: Suppressed 1132 messages from kubelet.service",
                "systemd-journald[1]: Forwarding to syslog missed 5 messages.",
                "rsyslogd[614]: rsyslogd[internal_messages]: 3543 messages lost due to rate-limiting (500 allowed)",
                "rsyslogd: imuxsock[pid 1]: 8 messages lost due to rate-limiting",
                "kernel: kauditd_printk_skb: 47 callbacks suppressed",
                "kernel: audit: audit_lost=5 audit_rate_limit=0 audit_backlog_limit=64",
                "kernel: ext4_dirty_inode: 3 callbacks suppressed",
                "kernel: printk: systemd: 12 output lines suppressed due to ratelimiting")) {
            assertEquals(LineKind.OTHER, kind("Nov 23 15:29:46 n1 " + notice), notice);
        }
    }

    @Test
    default void believesNoticesOfNobodyElse() {
        for (String spoofed : List.of(
                "app: net_ratelimit: 5 callbacks suppressed",
                "app[1]: imklog: 7 messages lost due to rate-limiting",
                "systemd[1]: Missed 10 kernel messages",
                "rsyslogd: net_ratelimit: 5 callbacks suppressed",
                "kernel: imklog: 7 messages lost due to rate-limiting",
                "kernel: callbacks suppressed",
                "kernel[1]: net_ratelimit: 5 callbacks suppressed",
                "app[1]: last message repeated 5 times",
                "app: last message repeated 5 times",
                "rsyslogd: last message repeated 5 times",
                "app[1]: Last message 'calico-packet: IN=et' repeated 5 times, suppressed by syslog-ng on n1")) {
            assertEquals(LineKind.OTHER, kind("Nov 23 15:29:46 n1 " + spoofed), spoofed);
        }
    }

    @Test
    default void hearsThatTheLineBeforeCameAgain() {
        for (String head : List.of(
                "Nov 23 15:29:46 n1 ",
                "Nov 23 15:29:46 ",
                "",
                HEAD,
                "Nov 23 15:29:46 n1 syslogd: ",
                "Nov 23 15:29:46 n1 syslogd[12]: ",
                "<46>1 " + RFC3339 + " n1 syslogd - - - ",
                RFC3339 + " n1 syslog-ng[7]: ")) {
            for (String words : List.of(
                    "last message repeated %d times",
                    "last message repeated %d times.",
                    "Last message repeated %d times ",
                    "--- last message repeated %d times ---")) {
                Result result = parse(head + words.formatted(7), Mode.DEFAULT);
                assertEquals(LineKind.REPETITION, result.kind(), head + words);
                assertEquals(Map.of("suppressor", Suppressor.SYSLOGD, "lost", 7L), result.fields());
            }
            assertEquals(LineKind.REPETITION, kind(head + "last message repeated 1 time"));
            String quoting = head + "Last message '%s' repeated 7 times, suppressed by syslog-ng on n1";
            for (String quoted :
                    List.of("calico-packet: IN=et", "calico-packet-est: I", "[    C3] calico-drop", "calic")) {
                assertNotice(Suppressor.SYSLOGD, 7, quoting.formatted(quoted));
            }
            for (String quoted : List.of("eth0: link up", "", "x calico-packet: IN=", "[   12.345678] ")) {
                assertEquals(LineKind.OTHER, kind(quoting.formatted(quoted)), quoted);
            }
            for (String other : List.of(
                    "last message repeated 0 times",
                    "last message repeated 07 times",
                    "last message repeated times",
                    "last message repeated 7 times by x",
                    "x.y z last message repeated 7 times",
                    "last message repeated 7")) {
                assertEquals(LineKind.OTHER, kind(head + other), other);
            }
            assertEquals(
                    Result.malformed(Malformation.BAD_NUMBER),
                    parse(head + "last message repeated 1000000001 times", Mode.DEFAULT));
        }
    }

    @Test
    default void refusesMoreLinesThanALoggerCanHaveDropped() {
        String head = "Nov 23 15:29:46 n1 ";
        for (String form : List.of(
                "kernel: net_ratelimit: %s callbacks suppressed",
                "rsyslogd: imklog: %s messages lost due to rate-limiting",
                "systemd-journald[1]: Missed %s kernel messages",
                "kernel: systemd-journald[1]: Missed %s kernel messages")) {
            assertEquals(LineKind.SUPPRESSION, kind(head + form.formatted("1000000000")));
            for (String tooMany :
                    List.of("1000000001", "4294967297", "999999999999999999", "9223372036854775808", "9".repeat(100))) {
                assertEquals(
                        Result.malformed(Malformation.BAD_NUMBER),
                        parse(head + form.formatted(tooMany), Mode.DEFAULT),
                        form + " " + tooMany);
            }
        }
    }

    private void assertNotice(Suppressor suppressor, long lost, String line) {
        for (Mode mode : List.of(Mode.DEFAULT, Mode.ANY)) {
            Result result = parse(line, mode);
            assertEquals(LineKind.SUPPRESSION, result.kind(), line);
            assertEquals(Map.of("suppressor", suppressor, "lost", lost), result.fields(), line);
        }
    }

    @Test
    default void neverCountsALineThatWasCutBeforeItsLastField() {
        String line = HEAD + "message repeated 3 times: [ " + OURS + "]";
        for (String whole : List.of(line, RFC3339 + " n1 kernel: [   12.345678][  T123] " + OURS + "MARK=0x10000 ")) {
            for (int length = 0; length <= whole.length(); length++) {
                Result cut = parse(whole.substring(0, length), Mode.DEFAULT);
                String text = whole.substring(0, length);
                assertTrue(cut.kind() != LineKind.PACKET || text.contains("URGP=0"), text);
            }
        }
    }
}
