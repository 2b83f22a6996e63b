package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.denywatch.denial.StoppedSources.StoppedSource;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * The sources that one agent wants to block and why, earlier blocks that it remembers, manual blocks and exemptions,
 * and sources with established connections. A source is an address, or a range in CIDR notation.
 *
 * @param mode of the blocklist
 * @param enforcement whether a policy denies the blocklist: {@code active}, {@code missing} or {@code unknown}
 * @param breakerOpen whether so many sources may be forged that only overwhelming evidence leads to a block
 * @param problem why the agent cannot write or blocks no new source; empty if there is no problem
 * @param lastSync when the stored sets last matched what the agent wants; null before the first time
 * @param promotions counts by outcome and rule
 * @param entries the sources that the agent wants to block
 * @param repeats sources that were blocked before
 * @param manual sources blocked by hand
 * @param allowances sources exempted by hand
 * @param answered sources with an established connection, the latest first
 * @param stopped what the blocklist stopped, by source; empty unless the agent counts it
 */
public record BlocklistDocument(
        String mode,
        String enforcement,
        boolean breakerOpen,
        String problem,
        @Nullable Instant lastSync,
        @Nullable Limits limits,
        @Nullable Counts counts,
        @Nullable SortedMap<String, SortedMap<String, Long>> promotions,
        Collection<Threshold> rules,
        Collection<BlockedSource> entries,
        Collection<Repeat> repeats,
        Collection<ManualBlock> manual,
        Collection<ExemptAddresses> allowances,
        Collection<Answered> answered,
        Collection<Stopped> stopped) {
    /** Copies no list: the blocklist may be large, and its entries are created while they are written. */
    public BlocklistDocument {
        rules = present(rules);
        entries = present(entries);
        repeats = present(repeats);
        manual = present(manual);
        allowances = present(allowances);
        answered = present(answered);
        stopped = present(stopped);
    }

    private static <T> Collection<T> present(@Nullable Collection<T> elements) {
        return elements == null ? List.of() : elements;
    }

    /** Limits of the blocklist. */
    public record Limits(long entries) {}

    /** Counters, as in the metrics of the same names. */
    public record Counts(
            long entries,
            long storedEntries,
            long enforcedEntries,
            long overdueEntries,
            long expirations,
            long displacements,
            long repairs,
            long missedOffences,
            long evictedWindows,
            long forgottenAnswers) {}

    /**
     * A threshold.
     *
     * @param measure what it counts
     * @param protocols the protocols whose packets it counts
     * @param prefixLength of the IPv4 subnets whose sources it counts; null for another measure
     * @param prefixLength6 the same for IPv6
     * @param scope {@code cluster} if it counts the packets of all nodes; otherwise empty
     * @param nodesMin nodes that must have denied the source, with that scope; otherwise 0
     */
    public record Threshold(
            String name,
            String measure,
            int threshold,
            int withinSeconds,
            List<String> protocols,
            long banForSeconds,
            long maxBanSeconds,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer prefixLength,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer prefixLength6,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) String scope,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) int nodesMin) {
        /** Copies the list. */
        public Threshold {
            protocols = ApiJson.list(protocols);
        }
    }

    /**
     * A blocked source.
     *
     * @param at when the block began
     * @param until when it ends
     * @param rule the rule that the source reached
     * @param repeats how often it was blocked before
     */
    public record BlockedSource(
            String source,
            Instant at,
            Instant until,
            String rule,
            int repeats,
            @Nullable EvidenceSample evidence) {
        /** Checks what a reader relies on. */
        public BlockedSource {
            at = ApiJson.time(at, "at");
            until = ApiJson.time(until, "until");
        }
    }

    /**
     * The evidence for a block: a sample of what the source sent.
     *
     * @param count how many packets, ports or load balancers the rule counted
     * @param ports such as {@code tcp/22}
     * @param loadBalancers addresses of load balancers
     * @param line the log line that reached the threshold; null if it is not shown
     * @param hint what else the source may be; null if there is no hint
     * @param members the latest sources of a blocked subnet; left out for a single source
     */
    public record EvidenceSample(
            int count,
            List<String> ports,
            List<String> loadBalancers,
            Instant firstSeen,
            Instant lastSeen,

            @JsonDeserialize(using = ApiJson.NullableText.class) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String line,

            @JsonDeserialize(using = ApiJson.NullableText.class) @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String hint,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> members) {
        /** The evidence, with the log line unless {@code line} is null. */
        public static EvidenceSample of(io.denywatch.detection.Evidence evidence, @Nullable String line) {
            return new EvidenceSample(
                    evidence.count(),
                    evidence.ports(),
                    evidence.loadBalancers().stream().map(Ip::toString).toList(),
                    evidence.firstSeen(),
                    evidence.lastSeen(),
                    line,
                    evidence.hint().isEmpty() ? null : evidence.hint(),
                    evidence.members().stream().map(IpPrefix::compact).toList());
        }

        /** The evidence, with the log line if it is known. */
        public static EvidenceSample of(io.denywatch.detection.Evidence evidence) {
            return of(evidence, evidence.line().isEmpty() ? null : evidence.line());
        }

        /** Copies the lists. */
        public EvidenceSample {
            ports = ApiJson.list(ports);
            loadBalancers = ApiJson.list(loadBalancers);
            members = ApiJson.list(members);
            firstSeen = ApiJson.time(firstSeen, "firstSeen");
            lastSeen = ApiJson.time(lastSeen, "lastSeen");
        }
    }

    /** A source that was blocked before. */
    public record Repeat(String source, int times, Instant forgetAt) {}

    /** A source that was blocked by hand. */
    public record ManualBlock(String source, Instant at, Instant until, String reason, String by) {}

    /** A source that was exempted by hand. */
    public record ExemptAddresses(String addresses, Instant until) {
        /** The document of such an exemption. */
        public static ExemptAddresses of(io.denywatch.blocklist.ManualList.ManualExemption exemption) {
            return new ExemptAddresses(exemption.addresses().compact(), exemption.until());
        }
    }

    /**
     * Packets of a blocked source, which the blocklist stopped on the agent's node.
     *
     * @param origin who blocked it: {@code promotion}, {@code manual} or {@code feed}
     * @param since the time of the first of them
     * @param last the time of the last
     */
    public record Stopped(String source, String origin, long packets, long bytes, Instant since, Instant last) {
        /** Checks what a reader relies on. */
        public Stopped {
            since = ApiJson.time(since, "since");
            last = ApiJson.time(last, "last");
        }

        /** The document of such a source. */
        public static Stopped of(StoppedSource stopped) {
            return new Stopped(
                    stopped.source().compact(),
                    stopped.origin().label(),
                    stopped.packets(),
                    stopped.bytes(),
                    Instant.ofEpochSecond(stopped.firstSeconds()),
                    Instant.ofEpochSecond(stopped.lastSeconds()));
        }
    }

    /** A source with an established connection, and when Calico last logged a response to it. */
    public record Answered(String source, Instant at) {
        /** Checks what a reader relies on. */
        public Answered {
            at = ApiJson.time(at, "at");
        }
    }
}
