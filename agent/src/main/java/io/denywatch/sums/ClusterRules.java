package io.denywatch.sums;

import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Detections;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.EvictedWindows;
import io.denywatch.detection.NodeSummary;
import io.denywatch.detection.RecentDetections;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.LogOnce;
import io.denywatch.process.TokenBucket;
import io.denywatch.sums.ClusterSums.Reached;
import io.denywatch.sums.ClusterSums.SumsResult;
import io.denywatch.sums.SummarySource.Round;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Decides which sources reach a rule's threshold in the whole cluster, as long as this agent leads. {@link #poll} is
 * confined to the sums thread, which may wait for other agents; all other methods are thread-safe.
 *
 * <p>What it finds are detections like those of this node: this agent's exemptions, limits and checks apply. If two
 * agents lead at the same time, both write the same source into their own sets, which changes nothing for its packets.
 */
public final class ClusterRules {
    /** Time between two rounds, in milliseconds. */
    public static final long EVERY_MILLIS = 5_000;

    /** The part of the new entries per minute that these rules may use. */
    static final int RATE_PART = 2;

    /** How long a source is not passed on again, in milliseconds: a decision on it may wait as long. */
    static final long AGAIN_MILLIS = 1_000 * Detections.AGE_SECONDS_MAX;

    /** The most sources remembered for that. */
    static final int PASSED_ON_MAX = 4_096;

    private static final System.Logger LOG = System.getLogger(ClusterRules.class.getName());
    private static final long MINUTE_MILLIS = 60_000;

    private final List<DetectionRule> rules;
    private final String node;
    private final BooleanSupplier leads;
    private final Supplier<NodeSummary> own;
    private final SummarySource others;
    private final InstantSource clock;
    private final TokenBucket rate;
    private final LogOnce listing = new LogOnce(LOG, "rules with scope cluster: the agents are known again");

    private final Map<PassedOn, Long> passedOn = new HashMap<>(); // when, in Unix milliseconds
    private final RecentDetections recent = new RecentDetections();
    private long nextMillis = Long.MIN_VALUE;
    private long polledMillis = Long.MIN_VALUE;
    private volatile ClusterRulesStatus status;

    private record PassedOn(String rule, IpPrefix source) {}

    /**
     * Asks nobody before the first {@link #poll}.
     *
     * @param rules those with another scope are left out
     * @param node of this agent
     * @param leads whether this agent leads now
     * @param own this agent's summary
     * @param others owned from now on
     * @param newEntriesPerMinuteMax of all rules together
     */
    public ClusterRules(
            List<DetectionRule> rules,
            String node,
            BooleanSupplier leads,
            Supplier<NodeSummary> own,
            SummarySource others,
            InstantSource clock,
            int newEntriesPerMinuteMax) {
        this.rules = List.copyOf(rules);
        this.node = node;
        this.leads = leads;
        this.own = own;
        this.others = others;
        this.clock = clock;
        int perMinute = Math.max(1, newEntriesPerMinuteMax / RATE_PART);
        rate = new TokenBucket(perMinute, MINUTE_MILLIS / perMinute);
        status = new ClusterRulesStatus(true, false, Map.of(), 0, 0, "");
    }

    /** Does a round if it is time to and this agent leads. Returns 0 if not. */
    public int poll(long nowMillis) {
        if (nowMillis >= polledMillis && nowMillis < nextMillis) { // false if the clock was set back
            polledMillis = nowMillis;
            return 0;
        }
        polledMillis = nowMillis;
        nextMillis = nowMillis + EVERY_MILLIS;
        if (!leads.getAsBoolean()) {
            if (status.leads()) {
                passedOn.clear();
                status = new ClusterRulesStatus(true, false, Map.of(), status.detections(), 0, "");
            }
            return 0;
        }
        Round round = others.collect(nowMillis);
        SortedMap<String, NodeSummary> summaries = new TreeMap<>(round.summaries());
        summaries.put(node, own.get());
        Instant now = clock.instant();
        SumsResult result = ClusterSums.of(rules, summaries, now);
        if (leads.getAsBoolean()) { // not lost meanwhile
            passOn(result.reached(), now);
        }
        if (round.problem().isEmpty()) {
            listing.worked();
        } else {
            listing.failed("rules with scope cluster: " + round.problem());
        }
        Map<AgentState, Integer> agents = new EnumMap<>(AgentState.class);
        agents.putAll(result.agents());
        agents.put(AgentState.UNREACHABLE, round.unreachable());
        agents.put(AgentState.INVALID, round.invalid());
        status = new ClusterRulesStatus(
                true, true, agents, recent.published().last(), result.established(), round.problem());
        return 1;
    }

    private void passOn(List<Reached> reached, Instant now) {
        long nowMillis = now.toEpochMilli();
        passedOn.values().removeIf(at -> nowMillis < at || nowMillis - AGAIN_MILLIS >= at);
        for (Reached each : reached) {
            PassedOn key = new PassedOn(each.rule().name(), each.source());
            Detection detection = new Detection(
                    recent.next(),
                    each.source(),
                    each.rule(),
                    each.evidence(),
                    ChronoUnit.MICROS.between(Instant.EPOCH, each.evidence().lastSeen()));
            if (!passedOn.containsKey(key)
                    && passedOn.size() < PASSED_ON_MAX
                    && Detections.isTimely(detection, now)
                    && rate.take(nowMillis)) {
                passedOn.put(key, nowMillis);
                recent.add(detection);
            }
        }
        recent.publish(SpoofingSigns.NONE, EvictedWindows.NONE, EstablishedSources.NONE);
    }

    /** Sources that reached a threshold. */
    public Detections detections() {
        return recent.published();
    }

    /** What the last round was based on. */
    public ClusterRulesStatus status() {
        return status;
    }
}
