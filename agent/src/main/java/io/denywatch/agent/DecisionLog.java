package io.denywatch.agent;

import io.denywatch.api.ApiJson;
import io.denywatch.api.BlocklistDocument;
import io.denywatch.api.DecisionDocument;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.DecisionListener;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.count.Count;
import io.denywatch.denial.StoppedSources;
import io.denywatch.detection.Detection;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.TokenBucket;
import java.io.OutputStream;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes each decision as a line of JSON on standard output, so that a block can be explained later. Confined to the
 * enforcer thread. Attackers control the rate of refusals, so a limited number is written per minute, and the next line
 * states how many were left out.
 */
final class DecisionLog implements DecisionListener {
    /** The most refusals written in a burst, and in each minute after it. */
    static final int REFUSALS_PER_MINUTE_MAX = 60;

    private static final long MINUTE_MILLIS = 60_000;

    private final OutputStream out;
    private final String node;
    private final Supplier<StoppedSources> stopped;
    private final TokenBucket refusals =
            new TokenBucket(REFUSALS_PER_MINUTE_MAX, MINUTE_MILLIS / REFUSALS_PER_MINUTE_MAX);
    private long unwritten;

    /** @param stopped what the blocklist stopped so far */
    DecisionLog(OutputStream out, String node, Supplier<StoppedSources> stopped) {
        this.out = out;
        this.node = node;
        this.stopped = stopped;
    }

    @Override
    public void decided(Decision decision, BlocklistMode mode, Instant now) {
        if (decision instanceof Decision.Refused && !refusals.take(now.toEpochMilli())) {
            unwritten = Count.sum(unwritten, 1);
            return;
        }
        ApiJson.writeLine(document(decision, mode, now), out);
        unwritten = 0;
    }

    private DecisionDocument document(Decision decision, BlocklistMode mode, Instant now) {
        return switch (decision) {
            case Decision.Blocked(BlockEntry entry, Detection _) ->
                block(
                        now,
                        DecisionDocument.BLOCKED,
                        mode,
                        entry,
                        null,
                        null,
                        null,
                        BlocklistDocument.EvidenceSample.of(entry.evidence()));
            case Decision.Refused refused ->
                new DecisionDocument(
                        now,
                        DecisionDocument.REFUSED,
                        mode.label(),
                        node,
                        refused.source().compact(),
                        refused.detection().rule().name(),
                        refused.outcome().label(),
                        null,
                        refused.by() == null ? null : refused.by().addresses().toString(),
                        refused.by() == null ? null : refused.by().reason(),
                        null,
                        null,
                        null,
                        BlocklistDocument.EvidenceSample.of(refused.detection().evidence()),
                        null,
                        refusalsNotWritten());
            case Decision.Expired(BlockEntry entry) ->
                block(now, DecisionDocument.UNBLOCKED, mode, entry, DecisionDocument.EXPIRED, null, null, null);
            case Decision.Revoked(BlockEntry entry, Range by) ->
                block(now, DecisionDocument.UNBLOCKED, mode, entry, DecisionDocument.NEVER_BLOCK, null, by, null);
            case Decision.Displaced(BlockEntry entry, Detection by) ->
                block(
                        now,
                        DecisionDocument.UNBLOCKED,
                        mode,
                        entry,
                        DecisionDocument.DISPLACED,
                        by.source(),
                        null,
                        null);
        };
    }

    private DecisionDocument block(
            Instant now,
            String decision,
            BlocklistMode mode,
            BlockEntry entry,
            @Nullable String because,
            @Nullable IpPrefix by,
            @Nullable Range exempt,
            BlocklistDocument.@Nullable EvidenceSample evidence) {
        return new DecisionDocument(
                now,
                decision,
                mode.label(),
                node,
                entry.source().compact(),
                entry.rule(),
                because,
                by == null ? null : by.compact(),
                exempt == null ? null : exempt.addresses().toString(),
                exempt == null ? null : exempt.reason(),
                entry.at(),
                entry.until(),
                entry.priorBlocks(),
                evidence,
                decision.equals(DecisionDocument.UNBLOCKED) ? stoppedPackets(entry.source()) : null,
                refusalsNotWritten());
    }

    /** Packets of the source, 0 if there were none; null if nobody counts them. */
    private @Nullable Long stoppedPackets(IpPrefix source) {
        StoppedSources now = stopped.get();
        return now.counting() ? (Long) now.packets(source) : null;
    }

    private @Nullable Long refusalsNotWritten() {
        return unwritten > 0 ? unwritten : null;
    }
}
