package io.denywatch.cluster.sets;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of the annotation that describes a set's nets: deadlines, rules, prior blocks, evidence, and the memory of
 * expired blocks. Times are kept to the millisecond.
 *
 * <pre>
 * v1,RULE,RULE…;NET,AT,FOR,RULE NUMBER,REPEATS[,COUNT,FIRST,LAST,PORT|PORT…,IP|IP…[,MEMBER|MEMBER…]];…;~NET,TIMES,FORGET AT;…
 * </pre>
 *
 * <p>All annotations of an object together may have 256 KiB. Calico's API server keeps the managed fields in one of
 * them, and from 3.32 on these contain each net. 2,000 of the longest nets take 110,000 bytes in the managed fields
 * and, without evidence, 132,000 bytes in this text, so deadlines always fit. Evidence that does not fit is left out,
 * the oldest first. Half of the space that deadlines leave is for prior blocks.
 */
final class EntryText {
    /** The annotation's key. */
    static final String ANNOTATION = "denywatch.io/entries";

    /**
     * Maximum size of this text and the managed fields of its nets together; the rest of the 256 KiB is for other
     * annotations.
     */
    static final int ANNOTATIONS_BYTES_MAX = 240 * 1024;

    /** Bytes that a net takes in the managed fields in addition to its text. */
    static final int MANAGED_FIELD_BYTES = 12;

    /** Maximum number of prior blocks in one text; those that expire first are left out. */
    static final int PRIOR_BLOCKS_MAX = 1_000;

    private static final int COUNT_MAX = Integer.MAX_VALUE;
    private static final long BLOCK_MILLIS_MAX = 2 * DetectionRule.BLOCK_MAX.toMillis(); // twice, for jitter
    private static final int FIELDS = 5;
    private static final int FIELDS_WITH_EVIDENCE = 10;
    private static final int FIELDS_WITH_MEMBERS = 11;
    private static final String PRIOR_BLOCK_MARK = "~";
    private static final Pattern RULE = Pattern.compile("[A-Za-z0-9-]{1,24}");
    private static final Pattern PORT = Pattern.compile("[A-Za-z0-9/.-]{1,24}");

    private static final Comparator<BlockEntry> BY_AGE = Comparator.comparingLong(
                    (BlockEntry entry) -> entry.at().toEpochMilli())
            .thenComparing(BlockEntry::source, IpPrefix.ORDER);
    private static final Comparator<PriorBlock> BY_FORGETTING = Comparator.comparingLong(
                    (PriorBlock prior) -> prior.forgetAt().toEpochMilli())
            .thenComparing(PriorBlock::source, IpPrefix.ORDER);

    private EntryText() {}

    /** The text of one set's part of a blocklist. The same blocklist always gives the same text. */
    static String write(Collection<BlockEntry> entries, Collection<PriorBlock> priorBlocks) {
        List<BlockEntry> byAge = entries.stream().sorted(BY_AGE).toList();
        Map<String, Integer> rules = new LinkedHashMap<>();
        byAge.forEach(entry -> rules.putIfAbsent(entry.rule(), rules.size()));
        String head = String.join(",", concat(AnnotationText.VERSION, rules.keySet()));

        List<String> pieces = new ArrayList<>();
        int room = ANNOTATIONS_BYTES_MAX - head.length();
        for (BlockEntry entry : byAge) {
            String piece = bare(entry, rules);
            pieces.add(piece);
            room -= piece.length() + 1 + entry.source().toString().length() + MANAGED_FIELD_BYTES;
        }
        Deque<String> remembered = remembered(priorBlocks, room / 2);
        room -= remembered.stream().mapToInt(piece -> piece.length() + 1).sum();
        for (int i = byAge.size() - 1; i >= 0; i--) {
            String evidence = evidence(byAge.get(i));
            room -= evidence.length();
            if (room < 0) {
                break;
            }
            pieces.set(i, pieces.get(i) + evidence);
        }
        pieces.addFirst(head);
        pieces.addAll(remembered);
        return String.join(";", pieces);
    }

    private static List<String> concat(String first, Collection<String> others) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(others);
        return all;
    }

    private static Deque<String> remembered(Collection<PriorBlock> priorBlocks, int bytesMax) {
        Deque<String> pieces = new ArrayDeque<>();
        int room = bytesMax;
        for (PriorBlock prior :
                priorBlocks.stream().sorted(BY_FORGETTING.reversed()).toList()) {
            String piece = priorBlock(prior);
            room -= piece.length() + 1;
            if (room < 0 || pieces.size() == PRIOR_BLOCKS_MAX) {
                break;
            }
            pieces.addFirst(piece);
        }
        return pieces;
    }

    private static String bare(BlockEntry entry, Map<String, Integer> rules) {
        return entry.source()
                + "," + AnnotationText.time(entry.at(), 0)
                + "," + AnnotationText.time(entry.until(), entry.at().toEpochMilli())
                + "," + AnnotationText.number(rules.getOrDefault(entry.rule(), 0))
                + "," + AnnotationText.number(entry.priorBlocks());
    }

    /** The fields of the evidence; empty if it was left out before. */
    private static String evidence(BlockEntry entry) {
        Evidence evidence = entry.evidence();
        if (evidence.count() == 0) {
            return "";
        }
        long origin = entry.at().toEpochMilli();
        return "," + AnnotationText.number(evidence.count())
                + "," + AnnotationText.time(evidence.firstSeen(), origin)
                + "," + AnnotationText.time(evidence.lastSeen(), origin)
                + "," + String.join("|", evidence.ports())
                + "," + evidence.loadBalancers().stream().map(Ip::toString).collect(Collectors.joining("|"))
                + (evidence.members().isEmpty()
                        ? ""
                        : ","
                                + evidence.members().stream()
                                        .map(IpPrefix::compact)
                                        .collect(Collectors.joining("|")));
    }

    private static String priorBlock(PriorBlock prior) {
        return PRIOR_BLOCK_MARK + prior.source() + "," + AnnotationText.number(prior.times()) + ","
                + AnnotationText.time(prior.forgetAt(), 0);
    }

    /**
     * Parses a text and skips the parts that cannot be parsed. Entries whose evidence was left out have a count of 0.
     */
    static Blocklist read(String text) {
        List<String> rules = AnnotationText.head(text);
        Map<String, Integer> numbers = new HashMap<>();
        for (String rule : new LinkedHashSet<>(rules.subList(1, rules.size()))) {
            numbers.put(rule, numbers.size());
        }
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>();
        Map<IpPrefix, PriorBlock> priorBlocks = new LinkedHashMap<>();
        for (String piece : AnnotationText.pieces(text)) {
            if (piece.startsWith(PRIOR_BLOCK_MARK)) {
                AnnotationText.read(piece, EntryText::readPriorBlock, EntryText::priorBlock)
                        .ifPresent(prior -> priorBlocks.putIfAbsent(prior.source(), prior));
            } else {
                AnnotationText.read(
                                piece,
                                fields -> readEntry(fields, rules),
                                entry -> bare(entry, numbers) + evidence(entry))
                        .ifPresent(entry -> entries.putIfAbsent(entry.source(), entry));
            }
        }
        return new Blocklist(entries, priorBlocks);
    }

    private static PriorBlock readPriorBlock(List<String> fields) {
        return new PriorBlock(
                AnnotationText.entryNet(fields.get(0).substring(PRIOR_BLOCK_MARK.length())),
                AnnotationText.number(fields.get(1), COUNT_MAX),
                AnnotationText.time(fields.get(2), 0));
    }

    private static BlockEntry readEntry(List<String> fields, List<String> rules) {
        if (fields.size() != FIELDS && fields.size() != FIELDS_WITH_EVIDENCE && fields.size() != FIELDS_WITH_MEMBERS) {
            throw new IllegalArgumentException();
        }
        Instant at = AnnotationText.time(fields.get(1), 0);
        long origin = at.toEpochMilli();
        Instant until = AnnotationText.time(fields.get(2), origin);
        String rule = rules.get(1 + AnnotationText.number(fields.get(3), rules.size()));
        if (until.toEpochMilli() - origin > BLOCK_MILLIS_MAX
                || !RULE.matcher(rule).matches()) {
            throw new IllegalArgumentException();
        }
        return new BlockEntry(
                AnnotationText.entryNet(fields.get(0)),
                at,
                until,
                rule,
                AnnotationText.number(fields.get(4), COUNT_MAX),
                fields.size() == FIELDS
                        ? new Evidence(0, List.of(), List.of(), at, at)
                        : readEvidence(fields.subList(FIELDS, fields.size()), origin));
    }

    private static Evidence readEvidence(List<String> fields, long origin) {
        List<String> ports = listed(fields.get(3));
        List<Ip> loadBalancers = listed(fields.get(4)).stream().map(Ip::parse).toList();
        List<IpPrefix> members = fields.size() > FIELDS_WITH_EVIDENCE - FIELDS
                ? listed(fields.getLast()).stream().map(IpPrefix::parse).toList()
                : List.of();
        if (ports.size() > Evidence.PORTS_MAX
                || members.size() > Evidence.MEMBERS_MAX
                || loadBalancers.size() > Evidence.LOAD_BALANCERS_MAX
                || !ports.stream().allMatch(port -> PORT.matcher(port).matches())) {
            throw new IllegalArgumentException();
        }
        int count = AnnotationText.number(fields.get(0), COUNT_MAX);
        return new Evidence(
                count,
                ports,
                loadBalancers,
                AnnotationText.time(fields.get(1), origin),
                AnnotationText.time(fields.get(2), origin),
                "",
                count,
                "",
                members);
    }

    private static List<String> listed(String field) {
        return field.isEmpty() ? List.of() : List.of(field.split("\\|", -1));
    }
}
