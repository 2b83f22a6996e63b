package io.denywatch.blocklist;

import java.util.List;

/**
 * What the ingest thread tells the slow loop: immutable, published through one volatile field.
 *
 * @param last number of the newest offence, 0 before the first
 * @param recent the newest offences by ascending number, at most {@link #RECENT_MAX}: who reads them seldom may miss some,
 *     and sees by the numbers how many
 * @param onePacketSources sources that were first seen in the last minute of event time and sent a single packet: many of
 *     them are forged
 * @param evicted sources forgotten since start because their table was full
 * @param answers who was answered: offences of theirs may be from before that
 */
public record Offences(long last, List<Offence> recent, int onePacketSources, long evicted, Answers answers) {
    /** Offences held until they are read. */
    public static final int RECENT_MAX = 4_096;

    /** None yet. */
    public static final Offences NONE = new Offences(0, List.of(), 0, 0, Answers.NONE);
}
