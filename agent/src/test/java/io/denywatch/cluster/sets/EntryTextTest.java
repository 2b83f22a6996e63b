package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.cluster.Drawn;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class EntryTextTest {
    private static final int ANNOTATIONS_LIMIT = 256 * 1024; // of Kubernetes, for all annotations of an object

    private static String write(Blocklist blocklist) {
        return EntryText.write(
                blocklist.entries().values(), blocklist.priorBlocks().values());
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        for (int seed = 0; seed < 300; seed++) {
            Drawn drawn = new Drawn(seed);
            Blocklist blocklist = drawn.blocklist(drawn.random.nextInt(40), drawn.random.nextInt(40));
            Blocklist read = EntryText.read(write(blocklist));
            assertEquals(new HashMap<>(blocklist.entries()), new HashMap<>(read.entries()), "seed " + seed);
            assertEquals(new HashMap<>(blocklist.priorBlocks()), new HashMap<>(read.priorBlocks()), "seed " + seed);
            assertEquals(write(blocklist), write(read), "seed " + seed);
        }
    }

    @Test
    void damageNeverThrowsAndNeverMakesASourceThatCouldNotBeWritten() {
        for (int seed = 0; seed < 20_000; seed++) {
            Drawn drawn = new Drawn(seed);
            String text = drawn.mutated(write(drawn.blocklist(3, 2)));
            Blocklist read = EntryText.read(text);
            for (BlockEntry entry : read.entries().values()) {
                assertTrue(WritableNets.isNarrow(entry.source()), "seed " + seed);
                assertTrue(text.contains(entry.source() + ","), "seed " + seed + ": " + entry + " in " + text);
            }
            for (PriorBlock prior : read.priorBlocks().values()) {
                assertTrue(text.contains("~" + prior.source() + ","), "seed " + seed);
            }
            assertEquals(read, EntryText.read(write(read)), "seed " + seed);
        }
    }

    @Test
    void damageToOneEntryLeavesTheOthers() {
        Blocklist blocklist = new Drawn(7).blocklist(10, 5);
        String[] pieces = write(blocklist).split(";");
        for (int damaged = 1; damaged < pieces.length; damaged++) {
            String[] copy = pieces.clone();
            copy[damaged] = copy[damaged].replaceFirst(",", ",+");
            Blocklist read = EntryText.read(String.join(";", copy));
            assertEquals(14, read.entries().size() + read.priorBlocks().size(), "piece " + damaged);
        }
    }

    @Test
    void whatIsNotExactlyOurFormIsNoEntry() {
        String at = AnnotationText.number(Drawn.NOW.toEpochMilli());
        assertEquals(
                1,
                EntryText.read("v1,scan;45.0.0.1/32," + at + ",1,0,0").entries().size());
        for (String text : List.of(
                "",
                ";",
                "v1",
                "v2,scan;45.0.0.1/32," + at + ",1,0,0", // of a newer agent
                "v1;45.0.0.1/32," + at + ",1,0,0", // no such rule
                "v1,a b;45.0.0.1/32," + at + ",1,0,0",
                "v1,scan;45.0.0.1," + at + ",1,0,0",
                "v1,scan;45.0.0.0/19," + at + ",1,0,0",
                "v1,scan;::ffff:45.0.0.1/32," + at + ",1,0,0",
                "v1,scan;2A00::/64," + at + ",1,0,0",
                "v1,scan;2a00::/47," + at + ",1,0,0",
                "v1,scan;::/64," + at + ",1,0,0",
                "v1,scan;45.0.0.1/32,-1,1,0,0",
                "v1,scan;45.0.0.1/32," + at + ",01,0,0",
                "v1,scan;45.0.0.1/32," + at.toUpperCase(Locale.ROOT) + ",1,0,0",
                "v1,scan;45.0.0.1/32," + at + ",zzzzzzz,0,0", // longer than any ban
                "v1,scan;45.0.0.1/32," + at + ",zzzzzzzzzzzzz,0,0",
                "v1,scan;45.0.0.1/32," + at + ",1,0,-1",
                "v1,scan;45.0.0.1/32," + at + ",1,0",
                "v1,scan;45.0.0.1/32," + at + ",1,0,0,1",
                "v1,scan;45.0.0.1/32," + at + ",1,0,0,0,0,0,,",
                "v1,scan;45.0.0.1/32," + at + ",1,0,0,1,0,0,tcp/1|,",
                "v1,scan;45.0.0.1/32," + at + ",1,0,0,1,0,0,,10.0.0.256")) {
            assertEquals(Map.of(), EntryText.read(text).entries(), text);
        }
    }

    @Test
    void noCharacterNeedsAnEscapeInJson() {
        Drawn drawn = new Drawn(1);
        assertTrue(Pattern.matches("[A-Za-z0-9.,;:/|~-]*", write(drawn.blocklist(200, 200))));
    }

    @Test
    void evidenceGivesWayOldestFirstAndDeadlinesStay() {
        Drawn drawn = new Drawn(2);
        List<BlockEntry> entries = new ArrayList<>();
        for (int i = 0; i < SetName.NETS_MAX; i++) {
            entries.add(drawn.entry(drawn.ipv6(64), true));
        }
        entries.sort(Comparator.comparing(BlockEntry::at));
        Map<IpPrefix, BlockEntry> read =
                EntryText.read(EntryText.write(entries, List.of())).entries();
        assertEquals(SetName.NETS_MAX, read.size());
        boolean kept = false;
        for (BlockEntry entry : entries) {
            BlockEntry found = Objects.requireNonNull(read.get(entry.source()));
            assertEquals(entry.until(), found.until());
            assertEquals(entry.priorBlocks(), found.priorBlocks());
            assertTrue(!kept || found.evidence().count() > 0, "evidence of a newer entry is left out: " + entry);
            kept = found.evidence().count() > 0;
        }
        assertTrue(kept, "the newest entry keeps its evidence");
        BlockEntry oldest = Objects.requireNonNull(read.get(entries.getFirst().source()));
        assertEquals(0, oldest.evidence().count());
        String text = EntryText.write(entries, List.of());
        assertEquals(text, write(EntryText.read(text)), "a text with evidence left out is stable");
    }

    @Test
    void theLongestNetsFitTheAnnotationsWithTheirManagedFields() {
        Drawn drawn = new Drawn(3);
        List<BlockEntry> entries = new ArrayList<>();
        List<PriorBlock> priorBlocks = new ArrayList<>();
        for (int i = 0; i < SetName.NETS_MAX; i++) {
            IpPrefix source = drawn.ipv6(128);
            entries.add(drawn.entry(source, true));
            priorBlocks.add(new PriorBlock(drawn.ipv6(128), 1, Drawn.NOW));
        }
        int managed = entries.stream()
                .mapToInt(entry -> ("\"v:\\\"" + entry.source() + "\\\"\":{},").length())
                .sum();
        int text = EntryText.write(entries, priorBlocks).length();
        assertTrue(text + managed < ANNOTATIONS_LIMIT, text + " + " + managed);
    }

    @Test
    void theRepeatsToBeForgottenFirstAreLeftOut() {
        Drawn drawn = new Drawn(4);
        List<PriorBlock> priorBlocks = new ArrayList<>();
        for (int i = 0; i < EntryText.PRIOR_BLOCKS_MAX + 100; i++) {
            priorBlocks.add(new PriorBlock(drawn.ipv4(), 1, Drawn.NOW.plusSeconds(i)));
        }
        Map<IpPrefix, PriorBlock> read =
                EntryText.read(EntryText.write(List.of(), priorBlocks)).priorBlocks();
        assertEquals(priorBlocks.subList(100, priorBlocks.size()), List.copyOf(read.values()));
    }
}
