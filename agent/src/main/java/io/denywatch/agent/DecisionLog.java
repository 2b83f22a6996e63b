package io.denywatch.agent;

import io.denywatch.api.EvidenceJson;
import io.denywatch.api.JsonLines;
import io.denywatch.blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.DecisionListener;
import io.denywatch.count.Count;
import io.denywatch.detection.Offence;
import io.denywatch.ip.IpPrefix;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.core.JsonGenerator;

/**
 * Each decision as a line of JSON on standard output, for those who must explain later why an address was blocked.
 * Refusals come as fast as an attacker likes, so only some of them are written each minute, and the next line says how
 * many were not. Confined to the enforcer's thread.
 */
final class DecisionLog implements DecisionListener {
    /** Refusals written in any minute, at most. */
    static final int REFUSALS_PER_MINUTE_MAX = 60;

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final OutputStream out;
    private final String node;
    private Instant minuteStart = Instant.MIN;
    private int refusals;
    private long unwritten;

    DecisionLog(OutputStream out, String node) {
        this.out = out;
        this.node = node;
    }

    @Override
    public void decided(Decision decision, BlocklistMode mode, Instant now) {
        if (decision instanceof Decision.Refused && !mayWriteRefusal(now)) {
            unwritten = Count.sum(unwritten, 1);
            return;
        }
        try (JsonGenerator json = JsonLines.to(out)) {
            json.writeStartObject();
            json.writeStringProperty("time", now.toString());
            switch (decision) {
                case Decision.Blocked blocked -> {
                    head(json, "blocked", mode, blocked.entry());
                    ban(json, blocked.entry());
                    EvidenceJson.write(json, blocked.entry().evidence());
                }
                case Decision.Refused refused -> {
                    head(
                            json,
                            "refused",
                            mode,
                            refused.offence().source(),
                            refused.offence().rule().name());
                    json.writeStringProperty("because", refused.outcome().label());
                    if (refused.by() != null) {
                        range(json, refused.by().addresses(), refused.by().reason());
                    }
                    EvidenceJson.write(json, refused.offence().evidence());
                }
                case Decision.Expired expired -> {
                    head(json, "unblocked", mode, expired.entry());
                    json.writeStringProperty("because", "expired");
                    ban(json, expired.entry());
                }
                case Decision.TakenBack taken -> {
                    head(json, "unblocked", mode, taken.entry());
                    json.writeStringProperty("because", "never_block");
                    range(json, taken.by().addresses(), taken.by().reason());
                    ban(json, taken.entry());
                }
                case Decision.Displaced(BlockEntry entry, Offence by) -> {
                    head(json, "unblocked", mode, entry);
                    json.writeStringProperty("because", "displaced");
                    json.writeStringProperty("by", by.source().compact());
                    ban(json, entry);
                }
            }
            if (unwritten > 0) {
                json.writeNumberProperty("refusalsNotWritten", unwritten);
                unwritten = 0;
            }
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private boolean mayWriteRefusal(Instant now) {
        if (now.isBefore(minuteStart) || !now.isBefore(minuteStart.plus(MINUTE))) {
            minuteStart = now;
            refusals = 0;
        }
        return ++refusals <= REFUSALS_PER_MINUTE_MAX;
    }

    private void head(JsonGenerator json, String decision, BlocklistMode mode, BlockEntry entry) {
        head(json, decision, mode, entry.source(), entry.rule());
    }

    private void head(JsonGenerator json, String decision, BlocklistMode mode, IpPrefix source, String rule) {
        json.writeStringProperty("decision", decision);
        json.writeStringProperty("mode", mode.label());
        json.writeStringProperty("node", node);
        json.writeStringProperty("source", source.compact());
        json.writeStringProperty("rule", rule);
    }

    private static void ban(JsonGenerator json, BlockEntry entry) {
        json.writeStringProperty("at", entry.at().toString());
        json.writeStringProperty("until", entry.until().toString());
        json.writeNumberProperty("repeats", entry.repeats());
    }

    private static void range(JsonGenerator json, IpPrefix addresses, String reason) {
        json.writeStringProperty("neverBlock", addresses.toString());
        json.writeStringProperty("reason", reason);
    }
}
