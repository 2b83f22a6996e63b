package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogWritersTest {
    private static final Path LOG = Path.of("/var/log/denywatch/denied.log");

    private static final String DEBIAN = """
            module(load="imuxsock") # provides support for local system logging
            #module(load="immark")
            module(load="imklog" permitnonkernelfacility="off")
            $ModLoad imudp
            auth,authpriv.*                 /var/log/auth.log
            *.*;auth,authpriv.none          -/var/log/syslog
            kern.*                          -/var/log/kern.log
            """;

    /** As the documentation recommends it. */
    private static final String RULE = """
            if $inputname == 'imklog' and $msg contains 'calico-' then {
              action(type="omfile" file="/var/log/denywatch/denied.log" template="RSYSLOG_FileFormat")
            }
            """;

    @TempDir
    private Path root;

    private FakeNode node;

    @BeforeEach
    void aNode() throws IOException {
        node = new FakeNode(root);
    }

    private static boolean alone(String rules) {
        return RsyslogRules.of(DEBIAN + rules).writesKernelAlone(LOG);
    }

    @Test
    void aRuleByTheInputModuleKeepsAllOthersOut() {
        assertEquals(
                Set.of("imklog", "imudp", "imuxsock"), RsyslogRules.of(DEBIAN).inputs());
        assertEquals(true, alone(RULE));
        assertEquals(true, alone("if $inputname == \"imklog\" then /var/log/denywatch/denied.log\n& stop\n"));
        assertEquals(true, alone("if ($inputname=='imklog') then action(type=\"omfile\" file=\"" + LOG + "\")\n"));
        assertEquals(false, RsyslogRules.of(DEBIAN + RULE).writesKernelAlone(Path.of("/var/log/denywatch")));
        assertEquals(false, RsyslogRules.of(DEBIAN + RULE).writesKernelAlone(Path.of("/var/log/syslog")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":programname, isequal, \"kernel\" /var/log/denywatch/denied.log",
                "kern.* /var/log/denywatch/denied.log",
                "if $programname == 'kernel' then /var/log/denywatch/denied.log",
                "if $inputname == 'imuxsock' then /var/log/denywatch/denied.log",
                "if $inputname == 'imklog' or $programname == 'kernel' then /var/log/denywatch/denied.log",
                "if not ($inputname == 'imklog') then /var/log/denywatch/denied.log",
                "if $inputname != 'imklog' then /var/log/denywatch/denied.log",
                "if $inputname == 'imklog' then /var/log/a else /var/log/denywatch/denied.log",
                "# if $inputname == 'imklog' then /var/log/denywatch/denied.log",
                "if $msg contains \"x\" or $inputname == 'imklog' then { action(type=\"omfile\" file=\"/var/log/denywatch/denied.log\") }"
            })
    void nothingElseDoes(String rule) {
        assertEquals(false, alone(rule + "\n"), rule);
        if (!rule.startsWith("#")) {
            assertEquals(!rule.isEmpty(), RsyslogRules.of(rule).writes(LOG) && !rule.isEmpty(), rule);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*.* /var/log/denywatch/denied.log",
                "local0.* action(type=\"omfile\" dynaFile=\"byProgram\")",
                "*.* ?byProgram"
            })
    void aSecondRuleForTheFileUndoesIt(String second) {
        assertEquals(false, alone(RULE + second + "\n"));
        assertEquals(false, alone(second + "\n" + RULE));
    }

    @Test
    void whoeverCanWriteToTheLoggerCanForgeWhereNoRuleKeepsHimOut() throws IOException {
        node.trusting(false, false);
        node.hasNot(FindingKind.LOG_CAN_BE_FORGED);
        node.hasNot(FindingKind.COUNTS_CAN_BE_FORGED);
        node.trusting(false, true);
        node.has(FindingKind.LOG_CAN_BE_FORGED, "/var/log/syslog", "cannot be seen here");

        node.file("/etc/rsyslog.conf", "module(load=\"imklog\")\nmodule(load=\"imuxsock\")\n*.* -/var/log/syslog\n");
        node.file("/dev/log", "");
        Files.setPosixFilePermissions(root.resolve("dev/log"), PosixFilePermissions.fromString("rw-rw-rw-"));
        node.has(FindingKind.LOG_CAN_BE_FORGED, "imklog, imuxsock", "/dev/log is open to all users");
        node.hasNot(FindingKind.COUNTS_CAN_BE_FORGED);
        node.trusting(false, false);
        node.has(FindingKind.COUNTS_CAN_BE_FORGED, "imklog, imuxsock", "/dev/log is open to all users");
        node.trusting(false, true);
        Files.setPosixFilePermissions(root.resolve("dev/log"), PosixFilePermissions.fromString("rw-rw----"));
        node.has(FindingKind.LOG_CAN_BE_FORGED, "/dev/log is not open to all users");
    }

    @Test
    void whatTheOperatorSaysIsHeldAgainstTheConfiguration() throws IOException {
        node.trusting(true, true);
        node.has(FindingKind.LOG_OF_KERNEL_ALONE, "according to source.trusted");
        node.file("/etc/rsyslog.d/50-default.conf", "*.*;auth.none -/var/log/syslog\n");
        node.has(FindingKind.LOG_CAN_BE_FORGED, "source.trusted is true, but");
        node.file("/etc/rsyslog.d/50-default.conf", "if $inputname == 'imklog' then /var/log/syslog\n");
        node.has(FindingKind.LOG_OF_KERNEL_ALONE, "source.trusted and rsyslog's configuration");
        node.trusting(false, true);
        node.has(FindingKind.LOG_CAN_BE_FORGED, "so source.trusted may be set to true");
    }
}
