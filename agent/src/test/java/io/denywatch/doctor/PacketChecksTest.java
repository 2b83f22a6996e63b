package io.denywatch.doctor;

import static io.denywatch.doctor.FindingKind.ANSWERED_SOURCES;
import static io.denywatch.doctor.FindingKind.KERNEL_LINES;
import static io.denywatch.doctor.FindingKind.KERNEL_LINES_ELSEWHERE;
import static io.denywatch.doctor.FindingKind.LINES_SUPPRESSED;
import static io.denywatch.doctor.FindingKind.LINES_WITHOUT_KERNEL_TAG;
import static io.denywatch.doctor.FindingKind.MALFORMED_LINES;
import static io.denywatch.doctor.FindingKind.NO_KERNEL_LINES;
import static io.denywatch.doctor.FindingKind.NO_PACKETS;
import static io.denywatch.doctor.FindingKind.ONLY_OTHER_PREFIXES;
import static io.denywatch.doctor.FindingKind.OTHER_PREFIXES;
import static io.denywatch.doctor.FindingKind.PACKETS;
import static io.denywatch.doctor.FindingKind.PACKETS_LOGGED_TWICE;
import static io.denywatch.doctor.FindingKind.PREFIX_CUT;
import static io.denywatch.doctor.FindingKind.PREFIX_GLUED;
import static io.denywatch.doctor.FindingKind.PREFIX_NEVER_MATCHES;
import static io.denywatch.doctor.FindingKind.RESPONSES;
import static io.denywatch.doctor.FindingKind.RSYSLOG_WITHOUT_IMKLOG;
import static io.denywatch.doctor.FindingKind.SEVERAL_HOSTS;
import static io.denywatch.doctor.FindingKind.UNRECOGNIZED_LINES;

import io.denywatch.testing.Cases;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PacketChecksTest {
    private static final String OURS = FakeNode.packet("calico-packet: ");

    @TempDir
    private Path root = Path.of("");

    private FakeNode node() throws IOException {
        return new FakeNode(root);
    }

    @Test
    void countsTheKernelsLines() throws IOException {
        node().has(KERNEL_LINES, "2 of the last 3 lines");
    }

    @Test
    void warnsWhereTheKernelSaysNothing() throws IOException {
        node().log(FakeNode.CRON).hasOnly(NO_KERNEL_LINES);
        node().log("2026-11-24T11:59:00+00:00 n1 x[1]: kernel: calico-packet: y\n")
                .hasOnly(NO_KERNEL_LINES);
    }

    @Test
    void findsTheOtherLogThatTheKernelWritesTo() throws IOException {
        FakeNode node = node().log(FakeNode.CRON).file("/var/log/kern.log", OURS);
        node.hasOnly(KERNEL_LINES_ELSEWHERE);
        node.has(KERNEL_LINES_ELSEWHERE, "/var/log/kern.log");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "module(load=\"imklog\")",
                "  Module( Load = \"imklog\" permitnonkernelfacility=\"on\")",
                "$ModLoad imklog # old",
                "module(load=\"imjournal\")"
            })
    void knowsInputsOfRsyslogThatHaveTheKernelsLines(String configuration) throws IOException {
        node().log(FakeNode.CRON)
                .file("/etc/rsyslog.conf", "module(load=\"imuxsock\")\n" + configuration + "\n")
                .hasOnly(NO_KERNEL_LINES);
        node().log(FakeNode.CRON)
                .file("/etc/rsyslog.conf", "# nothing\n")
                .file("/etc/rsyslog.d/10.conf", configuration)
                .hasOnly(NO_KERNEL_LINES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"module(load=\"imuxsock\")", "#module(load=\"imklog\")", "# $ModLoad imklog"})
    void saysThatRsyslogLacksTheKernelsInput(String configuration) throws IOException {
        node().log(FakeNode.CRON)
                .file("/etc/rsyslog.conf", configuration + "\n")
                .hasOnly(RSYSLOG_WITHOUT_IMKLOG);
        node().file("/etc/rsyslog.conf", configuration + "\n").hasOnly();
    }

    @Test
    void tellsRateAndAgeOfPackets() throws IOException {
        String before = OURS.replace("11:59:30", "11:57:30");
        node().log(before + OURS + OURS).has(PACKETS, "3 packets in the last 3 lines, within 2 minutes, 1.5 a minute");
        node().log(before + OURS + OURS).has(PACKETS, "the last one 30 seconds ago");
    }

    @Test
    void countsRepeatedPackets() throws IOException {
        String repeated = "2026-11-24T11:59:31+00:00 n1 kernel: message repeated 4 times: [ calico-packet: "
                + FakeNode.BODY + "]\n";
        node().log(OURS + repeated).has(PACKETS, "5 packets");
    }

    @Test
    void saysThatThereAreNoPackets() throws IOException {
        node().log(FakeNode.KERNEL).hasOnly(NO_PACKETS);
        node().log(FakeNode.KERNEL).has(NO_PACKETS, "[calico-packet, calico-drop]");
    }

    @Test
    void namesPrefixesOfOtherRules() throws IOException {
        String firewall = FakeNode.packet("[UFW BLOCK] ");
        String none = FakeNode.packet("");
        node().log(firewall + none + firewall).hasOnly(ONLY_OTHER_PREFIXES);
        node().log(firewall + none + firewall).has(ONLY_OTHER_PREFIXES, "\"[UFW BLOCK] \": 2, \"\": 1");
        node().log(firewall + OURS).hasOnly(OTHER_PREFIXES);
        node().log(firewall).prefixes("[UFW").hasOnly();
    }

    @Test
    void findsPrefixesThatIptablesCut() throws IOException {
        String cut = "calico-packet np default/allo";
        node().log(FakeNode.packet(cut)).hasOnly(PREFIX_CUT);
        node().log(FakeNode.packet("calico-packet np default/all:")).hasOnly(PREFIX_CUT);
        node().log(FakeNode.packet("calico-packet np default/a: ")).hasOnly();
        node().log(FakeNode.packet("calico-packet np default/allow-dns: ")).hasOnly();
    }

    @Test
    void findsPrefixesGluedToThePacket() throws IOException {
        node().log(FakeNode.packet("calico-packet")).hasOnly(PREFIX_GLUED);
        node().log(FakeNode.packet("calico-packet:")).hasOnly(PREFIX_GLUED);
    }

    @Test
    void saysThatAConfiguredPrefixIsLongerThanWhatIsLogged() throws IOException {
        node().log(FakeNode.packet("calico-packet np default/allo"))
                .prefixes("calico-packet np default/allow-dns")
                .hasOnly(PREFIX_NEVER_MATCHES);
        node().log(FakeNode.packet("calico-packet")).prefixes("calico-packet: ").hasOnly(PREFIX_NEVER_MATCHES);
        node().log(OURS).prefixes("calico-packet: ").hasOnly();
    }

    @Test
    void findsPacketsThatNobodySignedAsTheKernel() throws IOException {
        String unsigned = "2026-11-24T11:59:30+00:00 n1 deny: " + FakeNode.BODY + "\n";
        node().log(unsigned).has(LINES_WITHOUT_KERNEL_TAG, "1 packet line ");
        node().hasNot(LINES_WITHOUT_KERNEL_TAG);
    }

    @Test
    void quotesLinesThatAreNotUnderstoodAndSaysWhy() throws IOException {
        String packet = "calico-packet: " + FakeNode.BODY + "\n";
        Map<String, String> reasons = Map.of(
                "2026-11-24T11:59:30+00:00 n1 ",
                "there is no tag",
                "2026-11-24T11:59:30+00:00 n1 app[7]: ",
                "another program",
                "2026-11-24T11:59:30+00:00 n1 app: ",
                "another program",
                "2026-11-24T11:59:30+00:00 n1 kernel[978]: ",
                "has a process id",
                "2026-11-24T11:59:30+00:00 n1 kernel: x",
                "does not begin with the prefix",
                "24.11.2026 11:59:30 n1 kernel: ",
                "does not begin with a time stamp",
                "Nov 24 11:59:30 2026 n1 kernel: ",
                "does not begin with a time stamp",
                "10.0.0.9: kern:  notice: [2026-11-24T11:59:30.5Z]: ",
                "does not begin with a time stamp");
        for (Map.Entry<String, String> reason : reasons.entrySet()) {
            String line = reason.getKey() + packet;
            FakeNode node = node().log(FakeNode.KERNEL + line + line);
            node.has(UNRECOGNIZED_LINES, "2 lines with a prefix of", reason.getValue(), '"' + reason.getKey());
            node.hasNot(NO_PACKETS);
            node.hasNot(LINES_WITHOUT_KERNEL_TAG);
        }
        node().hasNot(UNRECOGNIZED_LINES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"other-stamps", "kernel-tag-with-pid"})
    void neitherCallsALogHealthyThatIsNotUnderstoodNorInventsReasons(String file) throws IOException {
        String log = Cases.text(file).replaceAll("(?m)^20\\S+ .*\n", "");
        FakeNode node = node().log(log.isEmpty() ? Cases.text(file) : log);
        node.has(UNRECOGNIZED_LINES, "OUT= not counted", "for example: \"Sep  5 14:34:4");
        node.hasNot(NO_PACKETS);
        node.hasNot(RSYSLOG_WITHOUT_IMKLOG);
    }

    @Test
    void findsPacketsThatTwoInputsLogged() throws IOException {
        String bare = OURS.replaceAll("\\[ *12.345678\\] ", "");
        String next = OURS.replace("ID=", "ID=5");
        node().log(OURS + bare + next).hasOnly(PACKETS_LOGGED_TWICE);
        node().log(bare + next + OURS).has(PACKETS_LOGGED_TWICE, "1 packet in two lines", "] calico-packet");
        node().log(OURS + OURS + next).hasOnly(); // two Log rules
        node().log(bare + bare + next).hasOnly();
        node().log(OURS + bare.replace("ID=", "ID=5")).hasOnly();
        node().log(OURS.replace("11:59:30", "11:59:20") + bare).hasOnly(); // sent again
    }

    @Test
    void findsLinesOfSeveralHosts() throws IOException {
        String other = OURS.replace(" n1 ", " n2 ");
        node().log(OURS + other + OURS + other).hasOnly(SEVERAL_HOSTS);
        node().log(OURS + other + OURS + OURS).has(SEVERAL_HOSTS, "n1: 3, n2: 1", "for example: \"2026-11-24");
        node().log(OURS + OURS + other + other).hasOnly(); // it was renamed
        node().log(OURS + OURS.replace(" n1 ", " N1.example.com ") + OURS).hasOnly();
        node().log(OURS + OURS.replace(" n1 ", " ") + OURS).hasOnly();
    }

    @Test
    void warnsOfMalformedLinesAboveOneInAHundred() throws IOException {
        String broken = FakeNode.packet("calico-packet: ").replace("SRC=198.51.100.7", "SRC=198.51.100.777");
        node().log(OURS.repeat(99) + broken).hasNot(MALFORMED_LINES);
        node().log(OURS.repeat(98) + broken + broken).has(MALFORMED_LINES, "2.0 %", "bad_address: 2");
    }

    @Test
    void addsUpWhatOthersSayTheyDropped() throws IOException {
        String rsyslog =
                "2026-11-24T11:59:30+00:00 n1 rsyslogd[7]: imklog: 40 messages lost due to" + " rate-limiting\n";
        String journald = "2026-11-24T11:59:30+00:00 n1 systemd-journald[9]: Missed 11 kernel messages\n";
        node().log(OURS + rsyslog + journald + rsyslog).has(LINES_SUPPRESSED, "rsyslog: 80, journald: 11");
        node().hasNot(LINES_SUPPRESSED);
    }

    @Test
    void warnsOfLoggedPacketsThatWereAnswered() throws IOException {
        node().log(OURS + FakeNode.packet("calico-response-est: ")).hasOnly(RESPONSES);
        node().log(OURS + FakeNode.packet("calico-response-est: ")).has(RESPONSES, "response-est: 1");
    }

    @Test
    void namesHowManyDeniedSourcesWereAnsweredToo() throws IOException {
        String denied = from("198.51.100.1", "203.0.113.7") + from("198.51.100.2", "203.0.113.7");
        String answers = denied.replace("calico-packet: ", "calico-response-est: ");
        node().log(denied + swapped(answers) + swapped(answers)).hasOnly(RESPONSES, ANSWERED_SOURCES);
        node().log(denied + swapped(answers))
                .has(ANSWERED_SOURCES, "2 sources with both denied packets and an established response");
        node().log(denied + answers).hasOnly(RESPONSES); // these went to load balancers
        node().log(denied + swapped(answers).replace("-est", "-rst")).hasOnly(RESPONSES); // refused
        node().log(denied + swapped(answers).replace("kernel:", "app[1]:")).hasOnly(); // anybody can write that
    }

    /** The line of a packet. */
    private static String from(String source, String destination) {
        return FakeNode.packet("calico-packet: ")
                .replaceAll("SRC=\\S+", "SRC=" + source)
                .replaceAll("DST=\\S+", "DST=" + destination);
    }

    private static String swapped(String lines) {
        return lines.replaceAll("SRC=(\\S+) DST=(\\S+)", "SRC=$2 DST=$1");
    }

    @Test
    void leavesOutTheLineThatTheSampleBeginsIn() throws IOException {
        String huge = "x".repeat(LogSample.BYTES_MAX) + FakeNode.BODY + "\n";
        node().log(huge + OURS).has(KERNEL_LINES, "1 of the last 1 lines");
    }
}
