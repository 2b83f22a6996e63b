package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.testing.PacketLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiagnosisTest {
    private static final List<String> PLACES = List.of(
            "/var/log/syslog",
            "/var/log/kern.log",
            "/etc/logrotate.conf",
            "/etc/logrotate.d/rsyslog",
            "/etc/rsyslog.conf",
            "/etc/group",
            "/proc/self/status",
            "/proc/self/mountinfo",
            "/proc/sys/kernel/dmesg_restrict");

    /** Of what is read there. */
    private static final List<String> PIECES = List.of(
            "{",
            "}\n",
            "\n/var/log/syslog",
            "\ninclude /etc/logrotate.conf\n",
            "\ninclude /etc/logrotate.d\n",
            "\ninclude /\0\n",
            "/var/log/[",
            "\npostrotate\n",
            "\nendscript\n",
            "copytruncate\n",
            "\nolddir ",
            "\nUid:\t",
            "\nGroups: 4 99999999999 ",
            "\nCapEff:\tzz",
            "\nroot:x:0:",
            "1 2 3 4 /var/log/syslog ");

    @TempDir
    private Path root = Path.of("");

    private static Finding finding(Severity severity, String what) {
        FindingKind kind = Arrays.stream(FindingKind.values())
                .filter(any -> any.severity() == severity)
                .findFirst()
                .orElseThrow();
        return kind.found(what);
    }

    @Test
    void putsTheWorstFirstAndKeepsTheOrderOfChecks() {
        Diagnosis diagnosis = new Diagnosis(
                1,
                List.of(
                        finding(Severity.OK, "a"),
                        finding(Severity.WARNING, "b"),
                        finding(Severity.ERROR, "c"),
                        finding(Severity.NOTE, "d"),
                        finding(Severity.WARNING, "e")));

        assertEquals(
                List.of("c", "b", "e", "d", "a"),
                diagnosis.findings().stream().map(Finding::what).toList());
    }

    @Test
    void isHealthyUnlessThereIsAnError() {
        assertTrue(new Diagnosis(1, List.of()).healthy());
        assertTrue(new Diagnosis(1, List.of(finding(Severity.WARNING, ""), finding(Severity.NOTE, ""))).healthy());
        assertFalse(new Diagnosis(1, List.of(finding(Severity.OK, ""), finding(Severity.ERROR, ""))).healthy());
    }

    @Test
    void explainsAllThatIsNotWellAndNothingElse() {
        for (FindingKind id : FindingKind.values()) {
            Finding finding = id.found("what");
            boolean well = finding.severity() == Severity.OK;
            assertEquals(well, finding.why().isEmpty(), finding::toString);
            assertEquals(well, finding.remedy().isEmpty(), finding::toString);
            assertTrue(finding.id().matches("[a-z]+(-[a-z]+)*"), finding::toString);
            assertTrue(well || (finding.why() + finding.remedy()).matches("[^\n]*\\.[^\n]*\\."), finding::toString);
        }
        assertEquals(
                FindingKind.values().length,
                Arrays.stream(FindingKind.values())
                        .map(FindingKind::id)
                        .distinct()
                        .count());
    }

    /** Bytes of all kinds, lines of all kinds, and pieces of both. */
    private static String garbage(SplittableRandom random) {
        PacketLines lines = new PacketLines(random.nextLong());
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(200); i > 0; i--) {
            String line = lines.line();
            switch (random.nextInt(5)) {
                case 4 -> text.append(PIECES.get(random.nextInt(PIECES.size())));
                case 0 -> {
                    byte[] bytes = new byte[random.nextInt(300)];
                    random.nextBytes(bytes);
                    text.append(new String(bytes, StandardCharsets.ISO_8859_1));
                }
                case 1 -> text.append(line, 0, random.nextInt(line.length() + 1));
                default -> text.append(line).append('\n');
            }
        }
        return text.toString();
    }

    @RepeatedTest(100)
    void survivesAnyContentAndSaysTheSameOfTheSame(RepetitionInfo repetition) throws IOException {
        long seed = repetition.getCurrentRepetition();
        SplittableRandom random = new SplittableRandom(seed);
        FakeNode node = new FakeNode(root);
        for (String place : PLACES) {
            if (random.nextBoolean()) {
                node.file(place, garbage(random));
            }
        }

        Diagnosis diagnosis = node.diagnosis();

        assertEquals(diagnosis, node.diagnosis(), () -> "seed " + seed);
        for (Finding finding : diagnosis.findings()) {
            assertTrue(
                    finding.what().chars().noneMatch(Character::isISOControl), () -> "seed " + seed + ": " + finding);
        }
    }
}
