package io.denywatch.top;

import io.denywatch.top.AgentPage.AgentBlock;
import io.denywatch.top.AgentPage.AgentBlocklist;
import io.denywatch.top.AgentPage.AgentFinding;
import io.denywatch.top.AgentPage.AgentLines;
import io.denywatch.top.AgentPage.AgentLoadBalancer;
import io.denywatch.top.AgentPage.AgentSource;
import io.denywatch.top.AgentPage.BlockEffect;
import io.denywatch.top.AgentPage.Listing;
import io.denywatch.top.Frame.SilentAgent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Pages of agents, written down by hand. */
final class Pages {
    static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    static final Instant SINCE = Instant.parse("2026-11-23T11:00:00Z");
    static final String WEB = "203.0.113.10";
    static final String API = "2001:db8:ffff:aaaa:bbbb:cccc:dddd:10";

    private Pages() {}

    static AgentSource source(String address, long packets, long atMost) {
        return new AgentSource(
                address, packets, atMost, NOW.minusSeconds(300), NOW.minusSeconds(5), false, Optional.empty());
    }

    static AgentLoadBalancer nlb(String address, long packets, long sources) {
        return new AgentLoadBalancer(address, "", "", packets, packets * 60, 0, sources);
    }

    static AgentPage page(
            String node, Instant takenAt, List<AgentLoadBalancer> nlbs, Map<String, List<AgentSource>> sources) {
        Map<String, Listing> listings = new TreeMap<>();
        sources.forEach((nlb, list) -> listings.put(nlb, new Listing(takenAt, list)));
        return new AgentPage(
                        node,
                        "1.2.3",
                        takenAt,
                        SINCE,
                        nlbs,
                        new AgentLines(1_000, 900, 0, 0),
                        false,
                        List.of(),
                        List.of(),
                        new TreeMap<>(),
                        AgentBlocklist.UNKNOWN,
                        List.of())
                .with(listings, AgentBlocklist.UNKNOWN, List.of());
    }

    /** The same agent, once it had to forget sources. */
    static AgentPage evicting(AgentPage page) {
        return new AgentPage(
                page.node(),
                page.version(),
                page.takenAt(),
                page.since(),
                page.nlbs(),
                page.lines(),
                true,
                page.losses(),
                page.troubles(),
                page.sources(),
                page.blocklist(),
                page.findings());
    }

    /** Two agents under attack, one of which has lost lines, and a third that is gone. */
    static Frame attack() {
        AgentBlock ban = new AgentBlock("port-scan", NOW.plus(Duration.ofMinutes(50)), BlockEffect.ENFORCED);
        AgentSource scanner = new AgentSource(
                "198.51.100.23", 120_000, 120_000, NOW.minusSeconds(400), NOW.minusSeconds(1), false, Optional.of(ban));
        AgentPage one = new AgentPage(
                "worker-1",
                "1.2.3",
                NOW.minusSeconds(1),
                SINCE,
                List.of(
                        new AgentLoadBalancer(WEB, "shop", "frontend", 1_234_567, 74_074_020, 12, 3),
                        new AgentLoadBalancer(API, "", "", 20, 1_600, 0, 2),
                        new AgentLoadBalancer(AgentPage.OTHER, "", "", 7, 420, 0, 1)),
                new AgentLines(2_000_000, 1_234_594, 3, 0),
                false,
                List.of("12 lines dropped by rsyslog before reaching the log"),
                List.of(),
                new TreeMap<>(Map.of(
                        WEB,
                        new Listing(
                                NOW.minusSeconds(1),
                                List.of(scanner, source("198.51.100.24", 40, 40), source("198.51.100.25", 3, 3))),
                        API,
                        new Listing(NOW.minusSeconds(1), List.of(source("2001:db8:1:2::/64", 12, 12))))),
                new AgentBlocklist("enforce", Set.of("198.51.100.23"), Set.of("198.51.100.99"), true, ""),
                List.of(
                        new AgentFinding("warning", "overlapping-pools", "two IP pools overlap"),
                        new AgentFinding(
                                "error", "log-may-not-be-denied", "a Log rule of policy web has no Deny behind it")));
        AgentPage two = page(
                "worker-2",
                NOW.minusSeconds(1),
                List.of(nlb(WEB, 1_000, 1), nlb(API, 0, 0)),
                Map.of(WEB, List.of(source("198.51.100.24", 9, 9)), API, List.of()));
        Rates.Now rates = new Rates.Now(
                Map.of(WEB, 1_234.4, API, 0.0, AgentPage.OTHER, 0.0), Map.of(WEB, List.of(0.0, 10.0, 600.0, 1_234.4)));
        return new Frame(
                NOW,
                3,
                List.of(new SilentAgent("worker-3", "it cannot be reached", Optional.of(NOW.minusSeconds(34)))),
                "",
                ClusterPage.merge(List.of(one, two)),
                rates);
    }
}
