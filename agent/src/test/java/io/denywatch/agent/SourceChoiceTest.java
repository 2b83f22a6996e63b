package io.denywatch.agent;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.config.Configuration;
import io.denywatch.config.SourceKind;
import io.denywatch.kmsg.KmsgTail;
import io.denywatch.tail.FileTail;
import io.denywatch.tail.LogSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceChoiceTest {
    private static final String KERNEL =
            "2026-11-24T10:00:00.000001+00:00 n1 kernel: [  1.000000] usb 1-1: new device\n";
    private static final String OTHERS = "2026-11-24T10:00:00.000001+00:00 n1 sshd[7]: error: kernel: is a word\n";
    private static final int MIB = 1024 * 1024;

    @TempDir
    private Path directory = Path.of("");

    private Path log() {
        return directory.resolve("syslog");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private SourceChoice choose(SourceKind kind, @Nullable SourceKind saved, boolean kmsgOpens) {
        return SourceChoice.of(
                new Configuration.InputSettings(kind, log(), false, FileTail.Start.END, ZoneOffset.UTC, true),
                saved,
                () -> kmsgOpens);
    }

    private void assertAuto(SourceKind expected, @Nullable SourceKind saved, boolean kmsgOpens) {
        SourceChoice choice = choose(SourceKind.AUTO, saved, kmsgOpens);
        assertEquals(expected, choice.kind(), choice::toString);
        assertEquals(expected == SourceKind.FILE ? log() : Path.of("/dev/kmsg"), choice.path());
        assertTrue(!choice.why().isBlank());
    }

    @Test
    void doesAsConfiguredWhateverThereIs() throws IOException {
        assertEquals(
                SourceKind.FILE, choose(SourceKind.FILE, SourceKind.KMSG, true).kind());
        write("syslog", KERNEL);
        assertEquals(
                SourceKind.KMSG, choose(SourceKind.KMSG, SourceKind.FILE, false).kind());
    }

    @Test
    void takesTheFileWhereTheKernelsLinesGoThere() throws IOException {
        write("syslog", OTHERS + KERNEL + OTHERS.repeat(1_000));
        assertAuto(SourceKind.FILE, null, true);
    }

    @Test
    void takesTheKernelsLogWhereTheFileHasNoneOfItsLines() throws IOException {
        assertAuto(SourceKind.KMSG, null, true);
        write("syslog", OTHERS);
        assertAuto(SourceKind.KMSG, null, true);
        write("syslog", KERNEL + OTHERS.repeat(MIB / OTHERS.length() + 1));
        assertAuto(SourceKind.KMSG, null, true);
    }

    @Test
    void takesTheKernelsLogWhereTheFileIsNone() throws IOException {
        Files.createDirectory(log());
        assertAuto(SourceKind.KMSG, null, true);
    }

    @Test
    void looksIntoTheNewestRotatedFileWhereTheLogIsShort() throws IOException {
        write("syslog", "");
        write("syslog.2", KERNEL);
        assertAuto(SourceKind.FILE, null, true);
        write("syslog.1", OTHERS);
        assertAuto(SourceKind.KMSG, null, true);
        write("syslog.1", KERNEL);
        assertAuto(SourceKind.FILE, null, true);
        write("syslog", OTHERS);
        assertAuto(SourceKind.FILE, null, true);
    }

    @Test
    void looksIntoACompressedFileWhereTheLogIsEmpty() throws IOException {
        write("syslog", "");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(directory.resolve("syslog.1.gz")))) {
            out.write((OTHERS.repeat(MIB / OTHERS.length() + 1) + KERNEL).getBytes(US_ASCII));
        }
        assertAuto(SourceKind.FILE, null, true);
    }

    @Test
    void takesTheFileWhereNothingCanBeReadSoThatItsProblemIsShown() throws IOException {
        assertAuto(SourceKind.FILE, null, false);
        write("syslog", OTHERS);
        assertAuto(SourceKind.FILE, null, false);
    }

    @Test
    void staysWithTheSourceOfTheSavedPositionWhileItIsUsable() throws IOException {
        assertAuto(SourceKind.KMSG, SourceKind.FILE, true);
        write("syslog.1", OTHERS);
        assertAuto(SourceKind.FILE, SourceKind.FILE, true);
        assertAuto(SourceKind.KMSG, null, true);
        write("syslog", OTHERS);
        assertAuto(SourceKind.FILE, SourceKind.FILE, true);
        write("syslog", KERNEL);
        assertAuto(SourceKind.KMSG, SourceKind.KMSG, true);
        assertAuto(SourceKind.FILE, SourceKind.KMSG, false);
    }

    @Test
    void saysWhereReadingBeginsAndThatAPositionOfAnotherKindIsOfNoUse() {
        SourceChoice kmsg = choose(SourceKind.KMSG, SourceKind.FILE, true);
        assertEquals("from its end", kmsg.startText(FileTail.Start.END, Optional.empty()));
        assertEquals("from where it was left", kmsg.startText(FileTail.Start.END, Optional.of("kmsg")));
        String startText = kmsg.startText(FileTail.Start.BEGINNING, Optional.of("file"));
        assertTrue(startText.startsWith("from its beginning, because the saved position is of kind file"), startText);
    }

    @Test
    void opensWhatWasChosen() {
        for (SourceKind kind : new SourceKind[] {SourceKind.FILE, SourceKind.KMSG}) {
            try (LogSource source = choose(kind, null, true).open(FileTail.Start.END, InstantSource.system())) {
                assertEquals(kind.label(), source.kind());
                assertEquals(kind == SourceKind.KMSG, source instanceof KmsgTail);
            }
        }
    }
}
