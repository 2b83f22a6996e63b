package io.denywatch.top;

import io.denywatch.top.AgentPage.AgentLoadBalancer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How fast counters of several agents grow, measured by the agents' own clocks. Late packets are left out, because
 * a backlog is not an ongoing attack. If an agent's counters or clock go back, measuring restarts; an agent that does
 * not respond adds nothing. Confined to one thread.
 */
public final class Rates {
    /** Span of the current rate. */
    private static final Duration NOW = Duration.ofSeconds(10);

    /** Maximum number of polls in a trend. */
    static final int TREND_LOOKS = 30;

    private static final double MILLIS_PER_SECOND = 1e3;

    private final Map<String, Deque<RateSample>> samples = new HashMap<>(); // by agent
    private final Map<String, List<Double>> trends = new HashMap<>();

    private record RateSample(Instant at, Map<String, Long> packets) {
        static RateSample of(AgentPage page) {
            Map<String, Long> packets = new HashMap<>();
            for (AgentLoadBalancer nlb : page.nlbs()) {
                packets.put(nlb.nlb(), nlb.packets() - nlb.latePackets());
            }
            return new RateSample(page.takenAt(), packets);
        }

        boolean follows(RateSample before) {
            return at.isAfter(before.at)
                    && before.packets.entrySet().stream()
                            .allMatch(old -> packets.getOrDefault(old.getKey(), old.getValue()) >= old.getValue());
        }
    }

    /**
     * The measured rates.
     *
     * @param perSecond packets a second by load balancer; empty before the second poll
     * @param trends the rates at the latest polls, the latest last
     */
    public record Now(Map<String, Double> perSecond, Map<String, List<Double>> trends) {
        /** No rates yet. */
        public static final Now UNKNOWN = new Now(Map.of(), Map.of());

        /** Copies the maps. */
        public Now {
            perSecond = Map.copyOf(perSecond);
            trends = Map.copyOf(trends);
        }

        /** Packets a second at one load balancer; negative if not known. */
        double at(String nlb) {
            return perSecond.getOrDefault(nlb, -1.0);
        }

        /** Packets a second at all load balancers; negative if not known. */
        double total() {
            return perSecond.isEmpty()
                    ? -1
                    : perSecond.values().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum();
        }
    }

    /** Adds the current reports of the agents that answered. */
    public Now add(Collection<AgentPage> pages) {
        Map<String, AgentPage> byCount = new TreeMap<>();
        pages.forEach(page ->
                byCount.merge(page.identity(), page, (one, two) -> two.takenAt().isAfter(one.takenAt()) ? two : one));
        samples.keySet().retainAll(byCount.keySet());
        Map<String, Double> perSecond = new HashMap<>();
        byCount.forEach((agent, page) -> {
            Deque<RateSample> known = samples.computeIfAbsent(agent, _ -> new ArrayDeque<>());
            RateSample latest = RateSample.of(page);
            if (!known.isEmpty() && !latest.equals(known.getLast()) && !latest.follows(known.getLast())) {
                known.clear();
            }
            if (known.isEmpty() || !latest.equals(known.getLast())) {
                known.add(latest);
            }
            measure(known).forEach((nlb, rate) -> perSecond.merge(nlb, rate, Double::sum));
        });
        perSecond.forEach((nlb, rate) -> {
            List<Double> trend = trends.computeIfAbsent(nlb, _ -> new ArrayList<>());
            trend.add(rate);
            if (trend.size() > TREND_LOOKS) {
                trend.removeFirst();
            }
        });
        Map<String, List<Double>> copies = new HashMap<>();
        trends.forEach((nlb, trend) -> copies.put(nlb, List.copyOf(trend)));
        return new Now(perSecond, copies);
    }

    private static Map<String, Double> measure(Deque<RateSample> known) {
        RateSample last = known.getLast();
        Instant from = last.at.minus(NOW);
        while (known.size() > 2
                && !known.stream().skip(1).findFirst().orElseThrow().at.isAfter(from)) {
            known.removeFirst(); // the next sample is old enough
        }
        RateSample first = known.getFirst();
        double seconds = Duration.between(first.at, last.at).toMillis() / MILLIS_PER_SECOND;
        Map<String, Double> rates = new HashMap<>();
        if (seconds > 0) {
            // A load balancer that is new since the first sample had no packets then.
            last.packets.forEach(
                    (nlb, packets) -> rates.put(nlb, (packets - first.packets.getOrDefault(nlb, 0L)) / seconds));
        }
        return rates;
    }
}
