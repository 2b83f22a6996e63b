package io.denywatch.cluster.sets;

import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Manual decisions, as the text of two annotations. Times are kept to the millisecond.
 *
 * <pre>
 * v1;NET,AT,FOR,REASON,BY;…
 * v1;PREFIX,UNTIL;…
 * </pre>
 */
final class ManualText {
    /** The key of the annotation with the blocked sources. */
    static final String ENTRIES = "denywatch.io/manual";

    /** The key of the annotation with the exemptions. */
    static final String EXEMPTIONS = "denywatch.io/allowed";

    /** Maximum length of a reason or a name. */
    static final int WORDS_CHARS_MAX = 100;

    /** Maximum size of both texts together, in bytes: enough for 2,000 entries with short reasons. */
    static final int BYTES_MAX = 128 * 1024;

    private ManualText() {}

    /** Both annotations; they do not depend on the order of the list. */
    static Map<String, String> write(ManualList list) {
        return Map.of(
                ENTRIES,
                text(list.entries().stream()
                        .sorted(Comparator.comparing(ManualEntry::source, IpPrefix.ORDER))
                        .map(ManualText::entry)),
                EXEMPTIONS,
                text(list.exemptions().stream()
                        .sorted(Comparator.comparing(ManualExemption::addresses, IpPrefix.ORDER))
                        .map(ManualText::exemption)));
    }

    private static String text(Stream<String> pieces) {
        return Stream.concat(Stream.of(AnnotationText.VERSION), pieces).collect(Collectors.joining(";"));
    }

    private static String entry(ManualEntry entry) {
        return entry.source()
                + "," + AnnotationText.time(entry.at(), 0)
                + "," + AnnotationText.time(entry.until(), entry.at().toEpochMilli())
                + "," + AnnotationText.escaped(entry.reason())
                + "," + AnnotationText.escaped(entry.by());
    }

    private static String exemption(ManualExemption exemption) {
        return exemption.addresses() + "," + AnnotationText.time(exemption.until(), 0);
    }

    /** Parses an object's annotations and skips what cannot be parsed. */
    static ManualList read(Map<String, String> annotations) {
        List<ManualEntry> entries = new ArrayList<>();
        for (String piece : AnnotationText.pieces(annotations.getOrDefault(ENTRIES, ""))) {
            AnnotationText.read(piece, ManualText::readEntry, ManualText::entry)
                    .filter(entry ->
                            entries.stream().noneMatch(other -> other.source().equals(entry.source())))
                    .ifPresent(entries::add);
        }
        List<ManualExemption> exemptions = new ArrayList<>();
        for (String piece : AnnotationText.pieces(annotations.getOrDefault(EXEMPTIONS, ""))) {
            AnnotationText.read(piece, ManualText::readExemption, ManualText::exemption)
                    .ifPresent(exemptions::add);
        }
        return new ManualList(entries, exemptions);
    }

    private static ManualEntry readEntry(List<String> fields) {
        Instant at = AnnotationText.time(fields.get(1), 0);
        String reason = AnnotationText.unescaped(fields.get(3));
        String by = AnnotationText.unescaped(fields.get(4));
        if (reason.length() > WORDS_CHARS_MAX || by.length() > WORDS_CHARS_MAX) {
            throw new IllegalArgumentException();
        }
        return new ManualEntry(
                AnnotationText.net(fields.get(0)),
                at,
                AnnotationText.time(fields.get(2), at.toEpochMilli()),
                reason,
                by);
    }

    private static ManualExemption readExemption(List<String> fields) {
        return new ManualExemption(IpPrefix.parse(fields.get(0)), AnnotationText.time(fields.get(1), 0));
    }
}
