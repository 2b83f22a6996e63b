package io.denywatch.blocklist;

import io.denywatch.detection.Detection;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Blocks and exemptions made by hand, which hold for all nodes. Immutable.
 *
 * @param entries blocked by hand
 * @param exemptions temporary exemptions
 */
public record ManualList(List<ManualEntry> entries, List<ManualExemption> exemptions) {
    /** No blocks and no exemptions. */
    public static final ManualList EMPTY = new ManualList(List.of(), List.of());

    /** Copies the lists. */
    public ManualList {
        entries = List.copyOf(entries);
        exemptions = List.copyOf(exemptions);
    }

    /** Whether the packet that reached the threshold, or the first one, may have been denied only by a manual block. */
    boolean explains(Detection detection) {
        IpPrefix source = detection.source();
        return entries.stream()
                .anyMatch(entry -> entry.source().length() <= source.length()
                        && entry.source().overlaps(source)
                        && !detection.evidence().lastSeen().isBefore(entry.at())
                        && detection
                                .evidence()
                                .firstSeen()
                                .isBefore(entry.lastsUntil().plus(PromotionPolicy.SETTLING)));
    }

    /**
     * A source that was blocked by hand. Immutable.
     *
     * @param source an IPv4 address, or an IPv6 prefix of /64 or longer
     * @param at when it was blocked
     * @param until when it ends
     * @param reason as given
     * @param by the user's name, as the API server knows it; empty if unknown
     */
    public record ManualEntry(IpPrefix source, Instant at, Instant until, String reason, String by) {
        /** The longest duration of a manual decision: after a year it has to be made again. */
        public static final Duration LONGEST = Duration.ofDays(366);

        /** When it ends: no later than {@link #LONGEST} after it began, even if its stored end was edited. */
        public Instant lastsUntil() {
            Instant latest = at.plus(LONGEST);
            return until.isBefore(latest) ? until : latest;
        }
    }

    /**
     * Addresses that no agent may block until a given time, exempted by hand. Immutable.
     *
     * @param addresses that are exempt
     * @param until when it ends
     */
    public record ManualExemption(IpPrefix addresses, Instant until) {
        /** Whether it holds now. One that ends later than is allowed is invalid and never holds. */
        public boolean holds(Instant now) {
            return now.isBefore(until)
                    && !until.isAfter(now.plus(ManualEntry.LONGEST).plus(PromotionPolicy.AHEAD_MAX));
        }
    }
}
