package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.cluster.Drawn;
import io.denywatch.process.PrintableText;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ManualTextTest {
    @Test
    void whatIsWrittenIsReadAgain() {
        for (int seed = 0; seed < 500; seed++) {
            ManualList list = new Drawn(seed).manualList(seed % 20);
            Map<String, String> texts = ManualText.write(list);
            ManualList read = ManualText.read(texts);
            assertEquals(new HashSet<>(list.entries()), new HashSet<>(read.entries()), "seed " + seed);
            assertEquals(new HashSet<>(list.exemptions()), new HashSet<>(read.exemptions()), "seed " + seed);
            assertEquals(texts, ManualText.write(read), "seed " + seed);
            for (String text : texts.values()) {
                assertTrue(Pattern.matches("[A-Za-z0-9 .,;:/@=()#%_-]*", text), text);
            }
        }
    }

    @Test
    void damageNeverThrowsAndNeverMakesASourceThatCouldNotBeWritten() {
        for (int seed = 0; seed < 20_000; seed++) {
            Drawn drawn = new Drawn(seed);
            Map<String, String> texts = ManualText.write(drawn.manualList(3));
            ManualList read = ManualText.read(Map.of(
                    ManualText.ENTRIES,
                    drawn.mutated(texts.getOrDefault(ManualText.ENTRIES, "")),
                    ManualText.EXEMPTIONS,
                    drawn.mutated(texts.getOrDefault(ManualText.EXEMPTIONS, ""))));
            for (ManualEntry entry : read.entries()) {
                assertTrue(WritableNets.isNarrow(entry.source()), "seed " + seed);
                assertTrue(PrintableText.isLine(entry.reason()), "seed " + seed);
            }
            assertEquals(
                    ManualText.write(read), ManualText.write(ManualText.read(ManualText.write(read))), "seed " + seed);
        }
    }

    @Test
    void wordsThatDriveATerminalAreNoEntry() {
        String entry = ManualText.write(new ManualList(
                        List.of(new ManualEntry(new Drawn(1).ipv4(), Drawn.NOW, Drawn.NOW, "REASON", "BY")), List.of()))
                .getOrDefault(ManualText.ENTRIES, "");
        assertEquals(
                1, ManualText.read(Map.of(ManualText.ENTRIES, entry)).entries().size());
        for (String words : List.of("%1B[2J", "%0A", "%E2%80%AE", "%", "%4", "%zz", "%FF", "a".repeat(101))) {
            String damaged = entry.replace("REASON", words);
            assertEquals(
                    0,
                    ManualText.read(Map.of(ManualText.ENTRIES, damaged))
                            .entries()
                            .size(),
                    words);
        }
    }

    @Test
    void nothingIsWhatAnObjectWithoutAnnotationsSays() {
        assertEquals(ManualList.EMPTY, ManualText.read(Map.of()));
    }
}
