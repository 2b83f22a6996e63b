package io.denywatch.cluster.sets;

import io.denywatch.process.PrintableText;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the annotations of a feed's first set say about the feed. Immutable.
 *
 * @param synced when a list was accepted last, if ever
 * @param listed its size in nets, before exempt ranges were left out
 * @param nets how many nets are stored
 * @param source where it came from, without credentials
 * @param sha256 of the list
 * @param rejection of the last attempt, if it failed
 */
public record FeedStatus(
        Optional<Instant> synced, int listed, int nets, String source, String sha256, Optional<Rejection> rejection) {
    /** No list was accepted yet. */
    public static final FeedStatus NONE = new FeedStatus(Optional.empty(), 0, 0, "", "", Optional.empty());

    private static final int CHARS_MAX = 500;
    private static final String PREFIX = "denywatch.io/feed-";
    private static final String SYNCED = PREFIX + "synced";
    private static final String LISTED = PREFIX + "listed";
    private static final String NETS = PREFIX + "nets";
    private static final String SOURCE = PREFIX + "source";
    private static final String SHA256 = PREFIX + "sha256";
    private static final String REJECTED = PREFIX + "rejected";

    /**
     * A list that was not accepted, or could not be read.
     *
     * @param at when
     * @param reason in one line
     */
    public record Rejection(Instant at, String reason) {}

    /** Shortens texts that are too long for an annotation. */
    public FeedStatus {
        source = shortened(source);
        rejection = rejection.map(each -> new Rejection(each.at(), shortened(each.reason())));
    }

    private static String shortened(String text) {
        String line = PrintableText.line(text);
        return line.length() <= CHARS_MAX ? line : line.substring(0, CHARS_MAX);
    }

    /** The same after an attempt that failed, with the number of nets that are stored now. */
    public FeedStatus rejected(Rejection failed, int netsNow) {
        return new FeedStatus(synced, listed, netsNow, source, sha256, Optional.of(failed));
    }

    Map<String, String> annotations() {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(SYNCED, synced.map(Instant::toString).orElse(""));
        annotations.put(LISTED, Integer.toString(listed));
        annotations.put(NETS, Integer.toString(nets));
        annotations.put(SOURCE, source);
        annotations.put(SHA256, sha256);
        annotations.put(
                REJECTED, rejection.map(each -> each.at() + " " + each.reason()).orElse(""));
        return annotations;
    }

    /** Reads annotations; what is missing or damaged is as in {@link #NONE}. */
    static FeedStatus read(Map<String, String> annotations) {
        String rejected = annotations.getOrDefault(REJECTED, "");
        int space = rejected.indexOf(' ');
        return new FeedStatus(
                time(annotations.getOrDefault(SYNCED, "")),
                count(annotations.getOrDefault(LISTED, "")),
                count(annotations.getOrDefault(NETS, "")),
                annotations.getOrDefault(SOURCE, ""),
                annotations.getOrDefault(SHA256, ""),
                space < 0
                        ? Optional.empty()
                        : time(rejected.substring(0, space))
                                .map(at -> new Rejection(at, rejected.substring(space + 1))));
    }

    private static Optional<Instant> time(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static int count(String text) {
        try {
            return Math.max(0, Integer.parseInt(text));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
